internal import Logging
internal import NIOCore
internal import NIOPosix

/// The sandbox's state, used from its one event loop only: every connection, the record, the dice and the counters.
///
/// One loop makes the witness simple: messages have one order, rows reach the file in that order, and no lock is needed.
final class SandboxCore {
    let configuration: SandboxConfiguration
    let eventLoop: any EventLoop
    let log: ReceivedLog
    let bodies: BodyStore?
    /// Where queries read the record file, so that they do not hold up the loop.
    let readers: NIOThreadPool
    let logger: Logger
    /// Fulfilled when somebody asks for the end through `POST /_sandbox/shutdown`.
    let shutdownRequested: EventLoopPromise<Void>

    var dice: FaultDice
    var clock: Int64?
    var stats = SandboxStats()
    var tokens = TokenRegistry()
    let webhookKey: [UInt8]?
    /// Tells what became of messages; nil: nobody wants to know.
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
        // Ids must differ between runs that share no record; the seed steers the faults alone.
        identitySalt = UInt64.random(in: .min ... .max)
    }

    // MARK: Recording

    /// Records messages, the rows of one request, and calls back once they are with the operating system.
    ///
    /// Everything recorded in one turn of the event loop shares one `write(2)`.
    ///
    /// - Parameters:
    ///   - messages: the rows of one request, at least one.
    ///   - body: the bytes to keep when bodies are kept; all rows name the one file.
    ///   - completion: called on the loop; ``RecordResult/failed`` means that there is no row and no answer may claim one.
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

    /// Notes that a message's client was gone before its answer could go out.
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

    /// Hands all rows to the operating system, then lets their answers go.
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

    /// Forgets everything received, and the tokens, counters and virtual clock; the faults begin their sequence anew.
    func reset() throws(SandboxError) {
        flush()
        try log.reset()
        try bodies?.removeAll()
        stats = SandboxStats()
        tokens.revokeAll()
        clock = nil
        dice = FaultDice(plan: dice.plan, seed: dice.seed)
    }

    /// 128 bits that no other message has.
    func nextIdentity() -> (UInt64, UInt64) {
        identityCounter &+= 1
        return (mix(identitySalt &+ identityCounter), mix(identitySalt ^ 0x5BD1_E995 &* identityCounter))
    }

    /// What a shape needs to know about this instant.
    func receptionContext() -> ReceptionContext {
        ReceptionContext(at: realMilliseconds(), clock: clock, identity: nextIdentity())
    }

    // MARK: Connections

    /// Whether one more connection may stay; it must then be registered.
    var hasRoom: Bool { connections.count < configuration.maxConnections }

    func register(_ connection: some SandboxConnection) {
        connections[ObjectIdentifier(connection)] = connection
    }

    func unregister(_ connection: some SandboxConnection) {
        connections[ObjectIdentifier(connection)] = nil
    }

    /// Takes room for body bytes; false when all connections together hold too much.
    func reserve(_ bytes: Int) -> Bool {
        guard bufferedBytes + bytes <= configuration.maxBufferedBytes else { return false }
        bufferedBytes += bytes
        return true
    }

    /// Gives back what ``reserve(_:)`` took.
    func release(_ bytes: Int) { bufferedBytes -= bytes }

    /// Begins to look for connections whose time is up.
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

/// How the recording of messages ended.
enum RecordResult {
    /// The rows, with their numbers, are with the operating system.
    case recorded([ReceivedMessage])
    /// The rows could not be written; nothing was recorded.
    case failed
}

/// A connection that the sandbox watches.
protocol SandboxConnection: AnyObject {
    /// When its time is up.
    var deadline: NIODeadline { get }
    /// Called when it is.
    func expire()
    /// Closes it at once.
    func close()
}
