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
    /// Elements that are taken before the others.
    @usableFromInline var urgent: Deque<Element> = []
    /// How often urgent elements alone were taken since the others had their turn.
    @usableFromInline var turns = 0
    @usableFromInline var isClosed = false
    /// How many threads wait. Without one, an arrival costs no signal.
    @usableFromInline var sleepers = 0

    /// - Parameter capacity: how many elements wait at most; without a limit by default.
    public init(capacity: Int = .max) { self.capacity = capacity }

    /// Adds an element, unless the inbox is full or closed.
    ///
    /// - Parameters:
    ///   - element: what to add.
    ///   - isUrgent: whether it is taken before others that are not.
    /// - Returns: whether it was taken, or why not.
    @inlinable
    public func push(_ element: Element, isUrgent: Bool = false) -> Push {
        condition.lock()
        defer { condition.unlock() }
        if isClosed { return .closed }
        if waiting.count + urgent.count >= capacity { return .full }
        if isUrgent { urgent.append(element) } else { waiting.append(element) }
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

    /// Whether something urgent waits.
    @inlinable
    public var hasUrgent: Bool {
        condition.lock()
        defer { condition.unlock() }
        return !urgent.isEmpty
    }

    /// Returns elements that were taken to the head of those that wait, regardless of the capacity.
    ///
    /// - Parameter elements: in the order in which they were taken; none of them urgent.
    @inlinable
    public func putBack(_ elements: some Collection<Element>) {
        condition.lock()
        defer { condition.unlock() }
        waiting.prepend(contentsOf: elements)
    }

    /// Waits for elements and takes up to `limit` of them, in order: urgent ones alone, if there are any.
    ///
    /// After a few turns of urgent elements the others are taken with them, so that they are never kept waiting for good.
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
        var taken = Self.removeFirst(limit, of: &urgent)
        if taken.isEmpty || waiting.isEmpty || turns >= Self.turnsInARow {
            turns = 0
            taken += Self.removeFirst(limit - taken.count, of: &waiting)
        } else {
            turns += 1
        }
        return taken
    }

    /// How often urgent elements may be taken while others wait.
    @usableFromInline static var turnsInARow: Int { 8 }

    @inlinable
    static func removeFirst(_ limit: Int, of elements: inout Deque<Element>) -> [Element] {
        let count = min(limit, elements.count)
        guard count > 0 else { return [] }
        let taken = Array(elements.prefix(count))
        if count == elements.count {
            elements.removeAll(keepingCapacity: true)
        } else {
            elements.removeFirst(count)
        }
        return taken
    }

    /// Waits for the next element. Urgent ones come first.
    ///
    /// - Returns: the element; nil when the inbox is closed and empty.
    @inlinable
    public func next() -> Element? {
        condition.lock()
        defer { condition.unlock() }
        guard waitForElement(until: nil) else { return nil }
        return urgent.popFirst() ?? waiting.removeFirst()
    }

    /// Waits while nothing is there. The caller holds the lock.
    @inlinable
    func waitForElement(until deadline: MonotonicTime?) -> Bool {
        while waiting.isEmpty, urgent.isEmpty {
            if isClosed { return false }
            sleepers += 1
            let isInTime = condition.wait(until: deadline)
            sleepers -= 1
            if !isInTime { break }
        }
        return !waiting.isEmpty || !urgent.isEmpty
    }
}
