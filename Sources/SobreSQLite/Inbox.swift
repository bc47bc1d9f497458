#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A bounded queue from any number of tasks to one thread, which blocks on it.
///
/// `@unchecked Sendable`: all mutable state is accessed under `mutex` only. POSIX primitives are used because the
/// thread waits with a deadline. They are on the heap because their address must not change.
final class Inbox<Element: Sendable>: @unchecked Sendable {
    enum Push { case taken, full, closed }

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let capacity: Int
    private var waiting: [Element] = []
    private var isClosed = false
    private var isAsleep = false

    init(capacity: Int) {
        self.capacity = capacity
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        #if os(Linux)
            pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        #endif
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func push(_ element: Element) -> Push {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if isClosed { return .closed }
        if waiting.count >= capacity { return .full }
        waiting.append(element)
        if isAsleep { pthread_cond_signal(condition) }
        return .taken
    }

    /// Adds a last element, even when the queue is full, and rejects all later ones.
    func close(with last: Element) -> Push {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if isClosed { return .closed }
        isClosed = true
        waiting.append(last)
        pthread_cond_signal(condition)
        return .taken
    }

    /// Waits for elements and takes up to `limit` of them, in order.
    ///
    /// - Parameters:
    ///   - limit: The maximum number of elements.
    ///   - deadline: In nanoseconds of the monotonic clock. Nil waits without a deadline.
    /// - Returns: The elements, or an empty array when the deadline has passed.
    func take(_ limit: Int, until deadline: UInt64?) -> [Element] {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while waiting.isEmpty {
            isAsleep = true
            defer { isAsleep = false }
            guard let deadline else {
                pthread_cond_wait(condition, mutex)
                continue
            }
            var time = timespec(tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
            if pthread_cond_timedwait(condition, mutex, &time) == ETIMEDOUT { break }
        }
        guard waiting.count > limit else {
            defer { waiting = [] }
            return waiting
        }
        defer { waiting.removeFirst(limit) }
        return Array(waiting.prefix(limit))
    }
}
