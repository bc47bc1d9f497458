import CLibpq
public import Threads

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension PostgresConnection {
    /// Receives what other transactions send to a channel. Takes effect at once, outside a transaction.
    ///
    /// - Parameter channel: the channel's name.
    /// - Throws: `PostgresError` when the server rejects it or the connection is lost.
    public func listen(to channel: String) throws(PostgresError) {
        guard let handle else { throw Self.closed }
        guard let quoted = PQescapeIdentifier(handle, channel, channel.utf8.count) else {
            throw PostgresError(.usage, "The name of the channel is not valid UTF-8.")
        }
        defer { PQfreemem(quoted) }
        try run(script: "LISTEN \(String(cString: quoted))")
    }

    /// Takes the notifications that have arrived. Does not wait.
    ///
    /// - Returns: the notifications, in the order in which their transactions were committed.
    /// - Throws: `PostgresError` when the connection is lost.
    public func takeNotifications() throws(PostgresError) -> [PostgresNotification] {
        guard let handle else { throw Self.closed }
        guard PQconsumeInput(handle) == 1 else { throw lost("read notifications") }
        var taken: [PostgresNotification] = []
        while let next = PQnotifies(handle) {
            defer { PQfreemem(next) }
            taken.append(
                PostgresNotification(
                    channel: String(cString: next.pointee.relname), payload: String(cString: next.pointee.extra),
                    sender: Int(next.pointee.be_pid)))
        }
        return taken
    }

    /// Waits for notifications.
    ///
    /// - Parameters:
    ///   - deadline: when the wait ends at the latest; nil: without a limit.
    ///   - interrupt: ends the wait too.
    /// - Returns: the notifications; none when the wait ended without one.
    /// - Throws: `PostgresError` when the connection is lost.
    public func waitForNotifications(
        until deadline: MonotonicTime?, unless interrupt: Interrupt
    ) throws(PostgresError) -> [PostgresNotification] {
        while true {
            let taken = try takeNotifications()
            if !taken.isEmpty { return taken }
            guard let handle else { throw Self.closed }
            var waited = [
                pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0),
                pollfd(fd: interrupt.readEnd, events: Int16(POLLIN), revents: 0),
            ]
            let milliseconds =
                deadline.map { Int32(min(MonotonicTime.now().milliseconds(until: $0), 86_400_000)) } ?? -1
            let ready = poll(&waited, 2, milliseconds)
            if ready == 0 || waited[1].revents != 0 { return [] }
            if ready < 0 && errno != EINTR { throw lost("wait for notifications") }
        }
    }
}
