internal import NIOCore
internal import NIOHTTP1
internal import Text

/// One HTTP connection: reads a request of limited size, passes it to the router, writes the answer.
///
/// The handlers before it in the pipeline hold back a pipelined request until the previous one is answered.
final class HTTPConnection: ChannelInboundHandler, SandboxConnection {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    let core: SandboxCore
    private(set) var deadline = NIODeadline.distantFuture

    private var context: ChannelHandlerContext?
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var reserved = 0
    private var phase = Phase.idle
    private var isRegistered = false

    private enum Phase {
        /// Between requests.
        case idle
        /// The head has arrived; the body is arriving.
        case reading
        /// The request was rejected before its end. The rest is skipped and the connection closed.
        case skipping
        /// The request is complete and its answer is being prepared.
        case answering
    }

    init(core: SandboxCore) { self.core = core }

    /// Whether an answer can still reach the client.
    var isOpen: Bool { context?.channel.isActive ?? false }

    // MARK: Channel events

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        core.stats.httpConnections += 1
        if core.dice.dropsHTTPConnection() {
            core.stats.count(fault: "drop")
            context.close(promise: nil)
            return
        }
        core.register(self)
        isRegistered = true
        deadline = .now() + .milliseconds(Int64(core.configuration.idleTimeoutMilliseconds))
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        releaseBody()
        if isRegistered { core.unregister(self) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): begin(head)
        case .body(let buffer): append(buffer)
        case .end: finish()
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The preceding handler has answered an invalid request with 400; a broken connection needs no answer.
        context.close(promise: nil)
    }

    // MARK: Reading

    private func begin(_ head: HTTPRequestHead) {
        guard phase == .idle else { return }
        phase = .reading
        deadline = .now() + .milliseconds(Int64(core.configuration.requestTimeoutMilliseconds))
        self.head = head
        if let length = head.headers.first(name: "content-length").flatMap({ Int($0) }) {
            guard length <= core.configuration.maxBodyBytes else { return refuseTooLarge() }
            if length > 0 { body.reserveCapacity(min(length, 1 << 16)) }
        }
        if head.headers.first(name: "expect").map({ $0.equalsIgnoringASCIICase("100-continue") }) == true, let context {
            let head = HTTPResponseHead(version: .http1_1, status: .continue)
            context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
        }
    }

    private func append(_ buffer: ByteBuffer) {
        guard phase == .reading else { return }
        guard body.count + buffer.readableBytes <= core.configuration.maxBodyBytes else { return refuseTooLarge() }
        guard core.reserve(buffer.readableBytes) else {
            refuse(.problem(503, "Service Unavailable", "The sandbox holds too many unfinished bodies; try later."))
            return
        }
        reserved += buffer.readableBytes
        body.append(contentsOf: buffer.readableBytesView)
    }

    private func finish() {
        guard phase == .reading, let head else { return }
        phase = .answering
        deadline = .distantFuture
        let request = HTTPRequest(head: head, body: body)
        core.handle(request, on: self)
    }

    private func releaseBody() {
        core.release(reserved)
        reserved = 0
        body = []
    }

    // MARK: Answering

    /// Sends an answer. Returns false if the client has disconnected.
    @discardableResult
    func answer(_ answer: HTTPAnswer) -> Bool {
        guard phase == .answering, let context, context.channel.isActive, let head else { return false }
        releaseBody()
        self.head = nil
        phase = .idle
        deadline = .now() + .milliseconds(Int64(core.configuration.idleTimeoutMilliseconds))
        // This must be last, because the end of an answer lets the pipeline deliver the next request within this
        // call.
        write(answer, to: head.method, closing: !head.isKeepAlive, context: context)
        return true
    }

    /// Answers after a delay. `sent` receives whether the client was still connected.
    func answer(_ answer: HTTPAnswer, delayMilliseconds: Int, sent: @escaping (Bool) -> Void) {
        guard delayMilliseconds > 0 else {
            sent(self.answer(answer))
            return
        }
        let later = NIOLoopBound((connection: self, answer: answer, sent: sent), eventLoop: core.eventLoop)
        core.eventLoop.scheduleTask(in: .milliseconds(Int64(delayMilliseconds))) {
            later.value.sent(later.value.connection.answer(later.value.answer))
        }
    }

    /// Leaves the client without an answer until it disconnects or the hang timeout ends.
    func hang() {
        deadline = .now() + .milliseconds(Int64(core.configuration.hangTimeoutMilliseconds))
    }

    /// Resets the connection (RST instead of FIN).
    func reset() { context?.reset() }

    func close() { context?.close(promise: nil) }

    func expire() {
        switch phase {
        case .reading:
            refuse(.problem(408, "Request Timeout", "The request did not arrive in time; send it faster."))
        case .idle, .skipping, .answering:
            close()
        }
    }

    private func refuseTooLarge() {
        refuse(
            .problem(
                413, "Content Too Large",
                "The body is longer than \(core.configuration.maxBodyBytes) bytes; send less, or start the sandbox "
                    + "with a higher limit."))
    }

    /// Answers before the end of the request and closes the connection.
    private func refuse(_ answer: HTTPAnswer) {
        guard let context else { return }
        phase = .skipping
        // Read and skip the rest of the body until the client closes, so that it sees the answer.
        deadline = .now() + .milliseconds(Int64(min(core.configuration.requestTimeoutMilliseconds, 2000)))
        releaseBody()
        write(answer, to: head?.method ?? .GET, closing: true, context: context)
    }

    private func write(
        _ answer: HTTPAnswer, to method: HTTPMethod, closing: Bool, context: ChannelHandlerContext
    ) {
        var headers = HTTPHeaders()
        headers.reserveCapacity(answer.headers.count + 3)
        headers.add(name: "Content-Type", value: answer.contentType)
        headers.add(name: "Content-Length", value: String(answer.body.count))
        for header in answer.headers { headers.add(name: header.name, value: header.value) }
        if closing { headers.add(name: "Connection", value: "close") }
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: answer.status), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if method != .HEAD {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))), promise: nil)
        }
        let promise = closing && phase != .skipping ? context.eventLoop.makePromise(of: Void.self) : nil
        if let promise {
            let channel = context.channel
            promise.futureResult.whenComplete { _ in channel.close(promise: nil) }
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: promise)
    }
}
