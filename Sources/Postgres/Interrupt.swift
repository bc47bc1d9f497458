#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Ends the wait of a thread that polls a socket. It is set once and stays set.
public final class Interrupt: Sendable {
    /// Readable once the interrupt is set.
    let readEnd: Int32
    private let writeEnd: Int32

    public init() {
        var ends: [Int32] = [-1, -1]
        let made = pipe(&ends)
        precondition(made == 0, "The system refuses a pipe (error \(errno)): raise the limit on open files.")
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// Whether it is set.
    public var isSet: Bool { wait(atMost: .zero) }

    /// Waits until it is set.
    ///
    /// - Parameter limit: how long to wait.
    /// - Returns: whether it is set.
    @discardableResult
    public func wait(atMost limit: Duration) -> Bool {
        var end = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
        return poll(&end, 1, Int32(min(max(0, limit.wholeMilliseconds), 86_400_000))) > 0
    }

    /// Ends the wait that is going on, and all later ones. May be called from any thread, any number of times.
    public func set() {
        var byte: UInt8 = 1
        // A full pipe is readable already.
        _ = write(writeEnd, &byte, 1)
    }
}
