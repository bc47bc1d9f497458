public import DequeModule

/// A bounded queue from any number of tasks to one or several threads, which block on it.
///
/// The threads of the store and ``WorkerThreads`` wait on it. The loops of libcurl wait on sockets instead and have an
/// inbox of their own (`LoopInbox`), which wakes them through a file descriptor.
///
/// `@unchecked Sendable` is right: every access to the mutable state holds the lock of `condition`. The functions are
/// inlinable, so that they are specialised for the element.
public final class ThreadInbox<Element: Sendable>: @unchecked Sendable {
    /// What became of an element.
    public enum Push: Sendable { case taken, full, closed }

    @usableFromInline let condition = ThreadCondition()
    @usableFromInline let capacity: Int
    @usableFromInline var waiting: Deque<Element> = []
    @usableFromInline var isClosed = false
    /// How many threads wait. Without one, an arrival costs no signal.
    @usableFromInline var sleepers = 0

    /// - Parameter capacity: how many elements wait at most; without a limit by default.
    public init(capacity: Int = .max) { self.capacity = capacity }

    /// Adds an element, unless the inbox is full or closed.
    ///
    /// - Returns: whether it was taken, or why not.
    @inlinable
    public func push(_ element: Element) -> Push {
        condition.lock()
        defer { condition.unlock() }
        if isClosed { return .closed }
        if waiting.count >= capacity { return .full }
        waiting.append(element)
        if sleepers > 0 { condition.signal() }
        return .taken
    }

    /// Rejects all later elements. Those that wait are still taken.
    ///
    /// - Parameter last: an element to add even when the inbox is full.
    /// - Returns: ``Push/closed`` if the inbox was closed before; `last` was not added then.
    @inlinable
    @discardableResult
    public func close(with last: Element? = nil) -> Push {
        condition.lock()
        defer { condition.unlock() }
        if isClosed { return .closed }
        isClosed = true
        if let last { waiting.append(last) }
        condition.broadcast()
        return .taken
    }

    /// Waits for elements and takes up to `limit` of them, in order.
    ///
    /// - Parameters:
    ///   - limit: the maximum number of elements.
    ///   - deadline: when the wait ends; nil: when something arrives.
    /// - Returns: the elements; none when the deadline has passed, or when the inbox is closed and empty.
    @inlinable
    public func take(_ limit: Int, until deadline: MonotonicTime?) -> [Element] {
        condition.lock()
        defer { condition.unlock() }
        guard waitForElement(until: deadline) else { return [] }
        let count = min(limit, waiting.count)
        let taken = Array(waiting.prefix(count))
        if count == waiting.count {
            waiting.removeAll(keepingCapacity: true)
        } else {
            waiting.removeFirst(count)
        }
        return taken
    }

    /// Waits for the next element.
    ///
    /// - Returns: the element; nil when the inbox is closed and empty.
    @inlinable
    public func next() -> Element? {
        condition.lock()
        defer { condition.unlock() }
        return waitForElement(until: nil) ? waiting.removeFirst() : nil
    }

    /// Waits while nothing is there. The caller holds the lock.
    @inlinable
    func waitForElement(until deadline: MonotonicTime?) -> Bool {
        while waiting.isEmpty {
            if isClosed { return false }
            sleepers += 1
            let isInTime = condition.wait(until: deadline)
            sleepers -= 1
            if !isInTime { break }
        }
        return !waiting.isEmpty
    }
}
