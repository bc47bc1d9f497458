internal import Logging
internal import NIOCore
internal import NIOPosix

/// The sandbox's state: every connection, the record, the dice and the counters. Used only on its one event loop.
///
/// With one loop, messages have one order, rows are written to the file in that order, and no lock is needed.
final class SandboxCore {
    let configuration: SandboxConfiguration
    let eventLoop: any EventLoop
    let log: ReceivedLog
    let bodies: BodyStore?
    /// The threads on which queries read the record file, so that they do not block the loop.
    let readers: NIOThreadPool
    let logger: Logger
    /// Fulfilled when the end is requested through `POST /_sandbox/shutdown`.
    let shutdownRequested: EventLoopPromise<Void>

    var dice: FaultDice
    var clock: Int64?
    var stats = SandboxStats()
    var tokens = TokenRegistry()
    let webhookKey: [UInt8]?
    /// Sends receipts; nil if there are none.
    let receipts: ReceiptSender?

    private(set) var connections: [ObjectIdentifier: any SandboxConnection] = [:]
    private(set) var bufferedBytes = 0
    private var pending: [Pending] = []
    private var isFlushScheduled = false
    private var identityCounter: UInt64 = 0
    private let identitySalt: UInt64
    private var sweep: RepeatedTask?

    private struct Pending {
        let messages: [ReceivedMessage]
        let completion: (RecordResult) -> Void
    }

    init(
        configuration: SandboxConfiguration, eventLoop: any EventLoop, log: ReceivedLog, bodies: BodyStore?,
        readers: NIOThreadPool, logger: Logger, shutdownRequested: EventLoopPromise<Void>
    ) {
        self.configuration = configuration
        self.eventLoop = eventLoop
        self.log = log
        self.bodies = bodies
        self.readers = readers
        self.logger = logger
        self.shutdownRequested = shutdownRequested
        dice = FaultDice(plan: configuration.faults, seed: configuration.seed)
        webhookKey = configuration.webhookSecret.flatMap { WebhookSignature.key(secret: $0) }
        receipts = configuration.receipts.map {
            ReceiptSender(plan: $0, seed: configuration.seed, eventLoop: eventLoop)
        }
        // IDs must differ between runs that share no record. The seed only determines the faults.
        identitySalt = UInt64.random(in: .min ... .max)
    }

    // MARK: Recording

    /// Records the rows of one request, and calls back once they are with the operating system.
    ///
    /// All rows recorded in one turn of the event loop share one `write(2)`.
    ///
    /// - Parameters:
    ///   - messages: the rows of one request, at least one.
    ///   - body: the bytes to store if bodies are kept. All rows refer to the same file.
    ///   - completion: called on the loop. ``RecordResult/failed`` means that there is no row, so the answer must be an
    ///     error.
    func record(_ messages: [ReceivedMessage], body: [UInt8], completion: @escaping (RecordResult) -> Void) {
        var rows = messages
        do {
            let name = try bodies?.store(body, seq: log.nextSeq, channel: messages[0].channel)
            for index in rows.indices {
                rows[index].body = name
                rows[index].clip()
                log.append(&rows[index])
            }
        } catch {
            fail(error)
            completion(.failed)
            return
        }
        pending.append(Pending(messages: rows, completion: completion))
        scheduleFlush()
    }

    /// Records that a message's client had disconnected before its answer could be sent.
    func amendUnanswered(_ messages: [ReceivedMessage]) {
        for message in messages where message.answered {
            log.amendUnanswered(seq: message.seq)
            stats.countUnanswered(message.channel)
        }
        scheduleFlush()
    }

    private func scheduleFlush() {
        if isFlushScheduled { return }
        isFlushScheduled = true
        let core = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.execute { core.value.flush() }
    }

    /// Passes all rows to the operating system, then sends their answers.
    func flush() {
        isFlushScheduled = false
        let ready = pending
        pending.removeAll(keepingCapacity: true)
        do {
            try log.flush()
        } catch {
            fail(error)
            for item in ready { item.completion(.failed) }
            return
        }
        for item in ready {
            for message in item.messages {
                stats.count(message)
                if message.accepted { receipts?.took(message) }
            }
            item.completion(.recorded(item.messages))
        }
    }

    private func fail(_ error: SandboxError) {
        stats.recordFailures += 1
        logger.error("\(error)")
    }

    /// Removes all messages, tokens and counters and the virtual clock, and restarts the sequence of faults.
    func reset() throws(SandboxError) {
        flush()
        try log.reset()
        try bodies?.removeAll()
        stats = SandboxStats()
        tokens.revokeAll()
        clock = nil
        dice = FaultDice(plan: dice.plan, seed: dice.seed)
    }

    /// 128 unique bits.
    func nextIdentity() -> (UInt64, UInt64) {
        identityCounter &+= 1
        return (mix(identitySalt &+ identityCounter), mix(identitySalt ^ 0x5BD1_E995 &* identityCounter))
    }

    /// What an endpoint needs to know about the current instant.
    func receptionContext() -> ReceptionContext {
        ReceptionContext(at: realMilliseconds(), clock: clock, identity: nextIdentity())
    }

    // MARK: Connections

    /// Whether another connection is allowed. It must then be registered.
    var hasRoom: Bool { connections.count < configuration.maxConnections }

    func register(_ connection: some SandboxConnection) {
        connections[ObjectIdentifier(connection)] = connection
    }

    func unregister(_ connection: some SandboxConnection) {
        connections[ObjectIdentifier(connection)] = nil
    }

    /// Reserves memory for body bytes. Returns false if all connections together hold too much.
    func reserve(_ bytes: Int) -> Bool {
        guard bufferedBytes + bytes <= configuration.maxBufferedBytes else { return false }
        bufferedBytes += bytes
        return true
    }

    /// Releases memory reserved by ``reserve(_:)``.
    func release(_ bytes: Int) { bufferedBytes -= bytes }

    /// Starts checking for connections whose deadline has passed.
    func startSweep() {
        let shortest = min(
            configuration.requestTimeoutMilliseconds, configuration.idleTimeoutMilliseconds,
            configuration.hangTimeoutMilliseconds)
        let interval = TimeAmount.milliseconds(Int64(min(max(shortest / 4, 5), 1000)))
        receipts?.start()
        let core = NIOLoopBound(self, eventLoop: eventLoop)
        sweep = eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in core.value.expire() }
    }

    private func expire() {
        let now = NIODeadline.now()
        for connection in connections.values where connection.deadline <= now {
            stats.timeouts += 1
            connection.expire()
        }
    }

    /// Closes every connection and flushes the record.
    func close() {
        sweep?.cancel()
        receipts?.stop()
        for connection in connections.values { connection.close() }
        flush()
    }
}

/// The result of recording messages.
enum RecordResult {
    /// The rows, with their numbers, have been passed to the operating system.
    case recorded([ReceivedMessage])
    /// The rows could not be written, and nothing was recorded.
    case failed
}

/// A connection with a deadline.
protocol SandboxConnection: AnyObject {
    /// The deadline.
    var deadline: NIODeadline { get }
    /// Called when the deadline has passed.
    func expire()
    /// Closes the connection at once.
    func close()
}
