internal import JSON
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Text

/// Sends receipts as a provider would: signed batches that are retried until they are accepted. Used only on the
/// sandbox's event loop.
final class ReceiptSender {
    /// The most receipts that wait. Any more are counted as lost.
    static let maxWaiting = 200_000
    static let maxBatch = 100
    static let maxConnections = 8
    /// Every quarter of a second for ten minutes.
    static let retryMilliseconds: Int64 = 250
    static let maxTries = 2_400
    private static let tick = TimeAmount.milliseconds(5)

    private let eventLoop: any EventLoop
    private let plan: ReceiptPlan
    private let key: [UInt8]?
    private var dice: ReceiptDice
    private var waiting: [ReceiptEvent] = []
    private var earliest = Int64.max
    private var connections = 0
    private var inFlight = 0
    private var batches: UInt64 = 0
    private var timer: RepeatedTask?
    private(set) var sent = 0
    private(set) var lost = 0

    init(plan: ReceiptPlan, seed: UInt64, eventLoop: any EventLoop) {
        self.plan = plan
        self.eventLoop = eventLoop
        key = plan.secret.flatMap { WebhookSignature.key(secret: $0) }
        dice = ReceiptDice(plan: plan, seed: seed)
    }

    /// Starts sending the receipts that are due.
    func start() {
        let sender = NIOLoopBound(self, eventLoop: eventLoop)
        timer = eventLoop.scheduleRepeatedTask(initialDelay: Self.tick, delay: Self.tick) { _ in
            sender.value.sendDue()
        }
    }

    func stop() { timer?.cancel() }

    /// The number of receipts that are not accepted yet.
    var pending: Int { waiting.count + inFlight }

    /// Draws the receipts of an accepted message.
    func took(_ message: ReceivedMessage) {
        let kinds = dice.kinds()
        guard let reference = message.reference, let url = url(for: message) else { return }
        for kind in kinds {
            let happenedAt = realMilliseconds() + dice.delay()
            let body = Self.body(kind, message, reference, at: happenedAt)
            for _ in 0..<plan.copies {
                guard waiting.count < Self.maxWaiting else {
                    lost += 1
                    continue
                }
                let event = ReceiptEvent(url: url, body: body, dueAt: happenedAt + dice.delay())
                earliest = min(earliest, event.dueAt)
                waiting.append(event)
            }
        }
    }

    private func url(for message: ReceivedMessage) -> ReceiptURL? {
        // The query identifies the message. It is removed so that receipts, which contain the ID themselves, can share
        // requests.
        let own = message.callback.flatMap { ReceiptURL(String($0.prefix { $0 != "?" })) }
        if let own, own.isLoopback { return own }
        return ReceiptURL(
            plan.url.replacing("{provider}", with: message.provider, maxReplacements: 1)
                .replacing("{channel}", with: message.channel.rawValue, maxReplacements: 1))
    }

    private static func body(
        _ kind: String, _ message: ReceivedMessage, _ reference: String, at milliseconds: Int64
    ) -> [UInt8] {
        let time = TimeText(milliseconds: milliseconds)
        let fraction = String(1000 + milliseconds % 1000).dropFirst()
        return jsonObject { json in
            json.field("event_id", "rc_\(message.seq)_\(kind)")
            json.field("reference", reference)
            json.member("provider_id", ifPresent: message.providerID)
            json.field("kind", kind)
            json.field("at", "\(time.day)T\(time.time).\(fraction)Z")
            json.field("detail", kind.hasPrefix("bounced") ? "550 5.1.1 the sandbox simulates a bounce" : "sandbox")
        }
    }

    // MARK: Sending

    private func sendDue() {
        let now = realMilliseconds()
        guard earliest <= now, connections < Self.maxConnections else { return }
        var due: [ReceiptURL: [ReceiptEvent]] = [:]
        var kept: [ReceiptEvent] = []
        var room = (Self.maxConnections - connections) * Self.maxBatch
        earliest = .max
        for event in waiting {
            if event.dueAt <= now, room > 0 {
                due[event.url, default: []].append(event)
                room -= 1
            } else {
                earliest = min(earliest, event.dueAt)
                kept.append(event)
            }
        }
        waiting = kept
        for (url, events) in due {
            for start in stride(from: 0, to: events.count, by: Self.maxBatch) {
                send(Array(events[start..<min(start + Self.maxBatch, events.count)]), to: url)
            }
        }
    }

    private func send(_ events: [ReceiptEvent], to url: ReceiptURL) {
        // Shuffled, so that receipts are not in order of time.
        batches &+= 1
        var shuffled = events
        for index in shuffled.indices.reversed() where index > 0 {
            shuffled.swapAt(index, Int(mix(dice.seed ^ batches << 20 ^ UInt64(index)) % UInt64(index + 1)))
        }
        var body = Array("[".utf8)
        for (index, event) in shuffled.enumerated() {
            if index > 0 { body.append(UInt8(ascii: ",")) }
            body += event.body
        }
        body.append(UInt8(ascii: "]"))
        connections += 1
        inFlight += events.count
        let answer = eventLoop.makePromise(of: Int.self)
        let head = head(for: body, url)
        let handler = NIOLoopBound(ReceiptExchange(head: head, body: body, answer: answer), eventLoop: eventLoop)
        ClientBootstrap(group: eventLoop).connectTimeout(.seconds(5))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(handler.value)
                }
            }
            .connect(host: url.host, port: url.port).cascadeFailure(to: answer)
        let sender = NIOLoopBound(self, eventLoop: eventLoop)
        answer.futureResult.assumeIsolated().whenComplete { result in
            sender.value.finish(shuffled, status: (try? result.get()) ?? 0)
        }
    }

    private func head(for body: [UInt8], _ url: ReceiptURL) -> HTTPRequestHead {
        var headers: HTTPHeaders = [
            "Host": "\(url.host):\(url.port)", "Content-Type": "application/json", "Connection": "close",
            "Content-Length": String(body.count),
        ]
        if let key {
            let id = "msg_\(batches)_\(realMilliseconds())"
            let timestamp = String(realMilliseconds() / 1000)
            let code = SHA256.authenticationCode(Array("\(id).\(timestamp).".utf8) + body, key: key)
            headers.add(name: "webhook-id", value: id)
            headers.add(name: "webhook-timestamp", value: timestamp)
            headers.add(name: "webhook-signature", value: "v1," + Base64.encode(code))
        }
        return HTTPRequestHead(version: .http1_1, method: .POST, uri: url.path, headers: headers)
    }

    private func finish(_ events: [ReceiptEvent], status: Int) {
        connections -= 1
        inFlight -= events.count
        if (200..<300).contains(status) {
            sent += events.count
            return
        }
        let dueAt = realMilliseconds() + Self.retryMilliseconds
        for var event in events {
            event.tries += 1
            guard event.tries < Self.maxTries, waiting.count < Self.maxWaiting else {
                lost += 1
                continue
            }
            event.dueAt = dueAt
            earliest = min(earliest, dueAt)
            waiting.append(event)
        }
    }
}

/// One request and the status of its answer.
private final class ReceiptExchange: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let head: HTTPRequestHead
    private let body: [UInt8]
    private let answer: EventLoopPromise<Int>
    private var timeout: Scheduled<Void>?
    private var isDone = false

    init(head: HTTPRequestHead, body: [UInt8], answer: EventLoopPromise<Int>) {
        self.head = head
        self.body = body
        self.answer = answer
    }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        timeout = context.eventLoop.scheduleTask(in: .seconds(10)) { channel.close(promise: nil) }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(context.channel.allocator.buffer(bytes: body)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let response) = unwrapInboundIn(data) else { return }
        done(Int(response.status.code))
        context.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelInactive(context: ChannelHandlerContext) { done(0) }

    private func done(_ status: Int) {
        if isDone { return }
        isDone = true
        timeout?.cancel()
        answer.succeed(status)
    }
}
