import CCurl
import CurlShims
import DequeModule
import Threads

/// The mail loop itself, created and used only on its own thread.
final class MailLoopThread {
    /// The messages and connections of one server.
    private final class ServerPool {
        var waiting = Deque<MailEntry>()
        var connections: [MailConnection] = []
        /// A mean of how long the server lately took over the text of a message; nil before the first.
        private var textTime: Duration?

        /// Whether a message that follows another one on the same connection has to wait for moments only. Behind a slow
        /// one it would be stuck, whatever other connection becomes free.
        var isQuick: Bool { textTime.map { $0 < .milliseconds(20) } ?? false }

        func note(textTime time: Duration) {
            textTime = textTime.map { ($0 * 7 + time) / 8 } ?? time
        }
    }

    private let configuration: MailLoopConfiguration
    private let inbox: LoopInbox<MailEntry>
    private let multi: UnsafeMutableRawPointer
    private var pools: [SMTPServer: ServerPool] = [:]
    private var connectionCount = 0
    private var waiting = 0

    /// Messages that stopped waiting since the last `take`.
    private var left = 0
    private var stopsAt: MonotonicTime?
    private var lastSweep = MonotonicTime(nanoseconds: 0)
    private static let sweepInterval = 250

    /// The sockets of the connected connections, parallel to `polled`.
    private var sockets: [curl_waitfd] = []
    private var polled: [MailConnection] = []

    init(configuration: MailLoopConfiguration, inbox: LoopInbox<MailEntry>) {
        self.configuration = configuration
        self.inbox = inbox
        guard let multi = curl_multi_init() else {
            fatalError("libcurl cannot make a multi handle: the process is out of memory.")
        }
        self.multi = multi
        // libcurl's connection cache must never close a connection that we hold.
        curl_shim_multi_set_long(multi, CURLMOPT_MAXCONNECTS.rawValue, configuration.maxConnections * 2)
        let handle = Handle(multi: multi)
        inbox.open { curl_multi_wakeup(handle.multi) }
    }

    /// `@unchecked Sendable`: used only for `curl_multi_wakeup`, which libcurl documents as callable from any thread.
    private struct Handle: @unchecked Sendable {
        let multi: UnsafeMutableRawPointer
    }

    deinit {
        curl_multi_cleanup(multi)
    }

    /// Runs until the inbox is closed and every message is decided or out of time.
    func run() {
        while true {
            accept(inbox.take(left: left))
            let now = MonotonicTime.now()
            expire(now)
            for pool in pools.values { assign(pool, now) }
            if let stopsAt, !isBusy || stopsAt <= now { break }
            perform()
            finishConnecting()
            wait(until: nextDeadline(now), now)
        }
        stop()
    }

    private var isBusy: Bool {
        waiting > 0 || pools.values.contains { $0.connections.contains { $0.entry != nil } }
    }

    // MARK: - Accepting messages

    private func accept(_ batch: LoopInbox<MailEntry>.Batch) {
        left = 0
        for entry in batch.entries {
            let server = entry.submission.server
            if pools[server] == nil {
                // Servers come from configuration and are few. Drop the idle ones anyway, to bound the table.
                if pools.count >= 1_024 {
                    pools = pools.filter { !$0.value.waiting.isEmpty || !$0.value.connections.isEmpty }
                }
                pools[server] = ServerPool()
            }
            pools[server]?.waiting.append(entry)
            waiting += 1
        }
        for id in batch.cancellations { cancel(id) }
        guard let time = batch.stopsAt, stopsAt == nil || time < stopsAt! else { return }
        stopsAt = time
        refuseWaiting(with: .shutDown) { _ in true }
    }

    /// Assigns waiting messages to idle connections, then to new ones.
    private func assign(_ pool: ServerPool, _ now: MonotonicTime) {
        while !pool.waiting.isEmpty {
            if let idle = pool.connections.first(where: { if case .idle = $0.state { true } else { false } }) {
                guard let entry = next(of: pool, now) else { continue }
                handle(idle.begin(entry), of: idle, in: pool)
            } else if pool.connections.count < configuration.maxConnectionsPerServer, makeRoom() {
                guard let entry = next(of: pool, now) else { continue }
                open(for: entry, in: pool, now)
            } else {
                return
            }
        }
    }

    private func next(of pool: ServerPool, _ now: MonotonicTime) -> MailEntry? {
        guard var entry = pool.waiting.popFirst() else { return nil }
        waiting -= 1
        left += 1
        guard entry.deadline > now else {
            entry.complete(.failed(.timedOutWaiting))
            return nil
        }
        if let failure = entry.withdrawal {
            entry.complete(.failed(failure))
            return nil
        }
        entry.startedAt = entry.startedAt ?? now
        return entry
    }

    private func open(for entry: MailEntry, in pool: ServerPool, _ now: MonotonicTime) {
        let connection = MailConnection(server: entry.submission.server, entry: entry, now: now)
        let result = curl_multi_add_handle(multi, connection.easy)
        precondition(result == CURLM_OK, "libcurl rejected a handle: \(String(cString: curl_multi_strerror(result))).")
        connection.nextEntry = { [unowned self, unowned pool, unowned connection] in
            follower(of: connection, in: pool)
        }
        pool.connections.append(connection)
        connectionCount += 1
    }

    /// The next message that waits, for a connection that is sending one.
    private func follower(of connection: MailConnection, in pool: ServerPool) -> MailEntry? {
        guard pool.isQuick, stopsAt == nil, connection.messages < configuration.maxMessagesPerConnection else {
            return nil
        }
        while !pool.waiting.isEmpty {
            if let entry = next(of: pool, .now()) { return entry }
        }
        return nil
    }

    /// Whether one more connection may be opened. Closes another server's idle connection if that is needed.
    private func makeRoom() -> Bool {
        guard connectionCount >= configuration.maxConnections else { return true }
        for pool in pools.values {
            for connection in pool.connections {
                guard case .idle = connection.state else { continue }
                close(connection, in: pool)
                return true
            }
        }
        return false
    }

    // MARK: - Work

    private func perform() {
        var count: Int32 = 0
        let result = curl_multi_perform(multi, &count)
        precondition(result == CURLM_OK, "libcurl failed: \(String(cString: curl_multi_strerror(result))).")
    }

    private func finishConnecting() {
        var easy: UnsafeMutableRawPointer?
        var code: Int32 = 0
        while curl_shim_next_finished(multi, &easy, &code) == 1 {
            var context: UnsafeMutableRawPointer?
            guard let easy, curl_shim_get_pointer(easy, CURLINFO_PRIVATE.rawValue, &context) == 0, let context
            else { continue }
            let connection = Unmanaged<MailConnection>.fromOpaque(context).takeUnretainedValue()
            guard let pool = pools[connection.server], let entry = connection.entry else { continue }
            if let failure = connection.connected(code: Int(code)) {
                connection.entry = nil
                close(connection, in: pool)
                entry.complete(.failed(failure))
            } else {
                handle(connection.begin(entry), of: connection, in: pool)
            }
        }
    }

    /// Handles what a connection came to, and the replies to further messages that came with it.
    private func handle(_ event: MailConnection.Event, of connection: MailConnection, in pool: ServerPool) {
        var event = event
        while handleOne(event, of: connection, in: pool) { event = connection.takeReplies() }
    }

    /// Returns whether the connection goes on with the message that follows.
    private func handleOne(
        _ event: MailConnection.Event, of connection: MailConnection, in pool: ServerPool
    ) -> Bool {
        switch event {
        case .nothing:
            return false
        case .finished(let outcome):
            guard let entry = connection.entry else { return false }
            connection.entry = nil
            if let began = connection.textBeganAt { pool.note(textTime: MonotonicTime.now().duration(since: began)) }
            let isReusable = connection.isReusable(maxMessages: configuration.maxMessagesPerConnection)
            let goesOn = isReusable && connection.advance()
            if !goesOn { connection.state = .idle(since: MonotonicTime.now()) }
            if !isReusable { close(connection, in: pool) }
            // A 421 as the first reply on a reused connection means that the server had already closed it.
            if case .rejected(_, let reply) = outcome, reply.code == 421, tryAgain(entry, after: connection, in: pool) {
                return goesOn
            }
            entry.complete(outcome)
            return goesOn
        case .lost(let code, let what):
            let entry = connection.entry
            connection.entry = nil
            close(connection, in: pool)
            guard let entry else { return false }
            if !connection.hasReply, tryAgain(entry, after: connection, in: pool) { return false }
            entry.complete(.failed(connection.failure(.curl(code: code), what)))
            return false
        }
    }

    /// Returns a message to the head of the queue, once, if its reused connection was already dead. Its end was not
    /// sent, so no server has it.
    private func tryAgain(_ entry: MailEntry, after connection: MailConnection, in pool: ServerPool) -> Bool {
        guard connection.messages > 1, !connection.hasSentEnd, !entry.isSecondTry, stopsAt == nil else { return false }
        var entry = entry
        entry.isSecondTry = true
        putBack(entry, in: pool)
        return true
    }

    private func putBack(_ entry: MailEntry, in pool: ServerPool) {
        pool.waiting.prepend(entry)
        waiting += 1
        left -= 1
    }

    private func close(_ connection: MailConnection, in pool: ServerPool) {
        guard let place = pool.connections.firstIndex(where: { $0 === connection }) else { return }
        connection.sayGoodbye()
        curl_multi_remove_handle(multi, connection.easy)
        pool.connections.remove(at: place)
        connectionCount -= 1
        // The server asked for no text of the message that follows, so another connection can begin it anew.
        guard let follower = connection.takeFollower() else { return }
        if stopsAt == nil { putBack(follower, in: pool) } else { follower.complete(.failed(.shutDown)) }
    }

    // MARK: - Time

    private func wait(until deadline: MonotonicTime, _ now: MonotonicTime) {
        sockets.removeAll(keepingCapacity: true)
        polled.removeAll(keepingCapacity: true)
        for pool in pools.values {
            for connection in pool.connections where connection.descriptor >= 0 {
                let events = CURL_WAIT_POLLIN | (connection.wantsToSend ? CURL_WAIT_POLLOUT : 0)
                sockets.append(curl_waitfd(fd: connection.descriptor, events: Int16(events), revents: 0))
                polled.append(connection)
            }
        }
        var ready: Int32 = 0
        let milliseconds = min(now.milliseconds(until: deadline), 1_000)
        curl_multi_poll(multi, &sockets, UInt32(sockets.count), Int32(milliseconds), &ready)
        guard ready > 0 else { return }
        for (index, connection) in polled.enumerated() where sockets[index].revents != 0 {
            guard let pool = pools[connection.server] else { continue }
            handle(connection.pump(), of: connection, in: pool)
        }
    }

    private func nextDeadline(_ now: MonotonicTime) -> MonotonicTime {
        var deadline = now.advanced(byMilliseconds: waiting > 0 ? Self.sweepInterval : 1_000)
        if let stopsAt { deadline = min(deadline, stopsAt) }
        for pool in pools.values {
            for connection in pool.connections {
                if let entry = connection.entry { deadline = min(deadline, entry.deadline) }
            }
        }
        return deadline
    }

    /// Ends everything that has taken too long: waiting messages, messages in progress and idle connections.
    private func expire(_ now: MonotonicTime) {
        // Checking every waiting message on every turn would cost too much.
        if now >= lastSweep.advanced(byMilliseconds: Self.sweepInterval) {
            lastSweep = now
            refuseWaiting(with: .timedOutWaiting) { $0.deadline <= now }
            refuseWaiting(with: .notPermitted) { $0.withdrawal != nil }
        }
        let idleLimit = configuration.maxIdleTime.wholeMilliseconds
        for pool in pools.values {
            for connection in pool.connections {
                if case .idle(let since) = connection.state {
                    if since.advanced(byMilliseconds: idleLimit) <= now { close(connection, in: pool) }
                } else if let entry = connection.entry, entry.deadline <= now {
                    abandon(
                        connection, in: pool, .curl(code: Int(CURLE_OPERATION_TIMEDOUT.rawValue)),
                        "the total time of the message has passed")
                }
            }
        }
    }

    private func cancel(_ id: TransferID) {
        for pool in pools.values {
            for connection in pool.connections where connection.entry?.id == id {
                abandon(connection, in: pool, .cancelled, "the message was cancelled")
                return
            }
            if pool.connections.contains(where: { $0.cancelFollower(id) }) { return }
        }
        refuseWaiting(with: .cancelledWaiting) { $0.id == id }
    }

    private func abandon(
        _ connection: MailConnection, in pool: ServerPool, _ reason: TransferFailure.Reason, _ what: String
    ) {
        guard let entry = connection.entry else { return }
        connection.entry = nil
        close(connection, in: pool)
        entry.complete(.failed(connection.failure(reason, what)))
    }

    private func refuseWaiting(with failure: TransferFailure, where isGone: (MailEntry) -> Bool) {
        guard waiting > 0 else { return }
        for pool in pools.values where !pool.waiting.isEmpty {
            for entry in pool.waiting.extract(where: isGone) {
                waiting -= 1
                left += 1
                entry.complete(.failed(failure))
            }
        }
    }

    private func stop() {
        refuseWaiting(with: .shutDown) { _ in true }
        for pool in pools.values {
            for connection in pool.connections {
                abandon(connection, in: pool, .shutDown, "the mail loop was shut down")
                close(connection, in: pool)
            }
        }
        _ = inbox.take(left: left)
        inbox.disconnect()
    }
}
