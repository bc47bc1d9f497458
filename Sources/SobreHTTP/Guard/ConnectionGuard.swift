import HTTPTypes
import JSON
import NIOCore
import NIOHTTP1
import SobreSettings

/// Enforces the limits of one connection, between the HTTP codec and the server: deadlines for the header, the body,
/// idle time and unread responses, the minimum rate and the maximum size of a body. It also answers
/// `Expect: 100-continue` once a route wants the body, and closes so that the client can still read an error response.
///
/// All state is confined to the connection's event loop.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// An error fired into the pipeline. Reading the body throws it.
    enum Failure: Error {
        case bodyTimeout
        case bodyTooSlow
        case bodyTooLarge
    }

    /// Sent through the pipeline when a route begins to read the body of the current request.
    struct BodyWanted: Sendable {}

    private let limits: HTTPLimits
    private let refusals: Refusals
    private let connection: Connection?
    private let connections: ConnectionRegistry
    /// Whether the end of the current request is outstanding.
    private var isReadingBody = false
    private var bodyBytes = 0
    /// When the header of the current request was complete.
    private var bodyBegan = NIODeadline.now()
    /// The length that `Content-Length` announces; nil: in chunks.
    private var announcedBytes: Int?
    /// Whether the client waits for leave to send the body.
    private var waitsForLeave = false
    /// Requests begun minus responses ended.
    private var openRequests = 0
    private var hasFailed = false
    private var parserError: HTTPParserError?
    private var closesAfterAnswer = false
    /// Whether the client asked to close the connection after this request.
    private var hasLastRequest = false
    private var hadRequest = false
    /// Whether the response is an event stream, which ends when the client disconnects.
    private var isStreaming = false
    private var isLingering = false
    private var deadline: Scheduled<Void>?
    private var writeDeadline: Scheduled<Void>?

    /// - Parameters:
    ///   - traffic: the limits, and what counts refusals.
    ///   - connection: the connection's entry; nil: it gave way already.
    init(traffic: HTTPTraffic, connection: Connection?) {
        limits = traffic.limits
        refusals = traffic.refusals
        connections = traffic.connections
        self.connection = connection
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { wait(limits.headerTimeout, context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { cancelAll() }

    func channelActive(context: ChannelHandlerContext) {
        wait(limits.headerTimeout, context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        cancelAll()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // Discards what a rejected client still sends.
        if isLingering || parserError != nil { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            guard Self.hasHost(head) else { return refuseHost(context) }
            begin(head, context)
        case .body(let part):
            bodyBytes += part.readableBytes
            if hasFailed { return }
            if bodyBytes > limits.maxBatchBytes {
                hasFailed = true
                context.fireErrorCaught(Failure.bodyTooLarge)
                return
            }
        case .end:
            isReadingBody = false
            if openRequests > 0 {
                deadline?.cancel()
            } else {
                // It was answered before it ended.
                wait(limits.idleTimeout, context)
            }
        }
        context.fireChannelRead(data)
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        isReadingBody = true
        hadRequest = true
        bodyBytes = 0
        bodyBegan = .now()
        openRequests += 1
        hasLastRequest = !head.isKeepAlive
        // Without either, the request has no body (RFC 9112 §6.3).
        announcedBytes = head.headers.first(name: "content-length").flatMap { Int($0) }
        if announcedBytes == nil, head.headers["transfer-encoding"].isEmpty { announcedBytes = 0 }
        waitsForLeave =
            head.version == .http1_1 && head.headers.first(name: "expect")?.lowercased() == "100-continue"
        connection?.isIdle = false
        watchBody(context)
    }

    /// Whether a request names its host as HTTP/1.1 demands: in exactly one line (RFC 9112 §3.2).
    private static func hasHost(_ head: HTTPRequestHead) -> Bool {
        let count = head.headers["host"].count
        return count == 1 || count == 0 && head.version != .http1_1
    }

    /// Ends the connection as for any other request that is not valid HTTP; ``write(context:data:promise:)`` gives the
    /// answer its words.
    private func refuseHost(_ context: ChannelHandlerContext) {
        hasFailed = true
        openRequests += 1
        parserError = .invalidHost
        context.fireErrorCaught(HTTPParserError.invalidHost)
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is BodyWanted else {
            return context.triggerUserOutboundEvent(event, promise: promise)
        }
        promise?.succeed()
        guard waitsForLeave, !isLingering else { return }
        waitsForLeave = false
        let answer = HTTPResponseHead(version: .http1_1, status: .continue)
        context.writeAndFlush(wrapOutboundOut(.head(answer)), promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if isStreaming, let event = event as? ChannelEvent, event == .inputClosed { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? HTTPParserError { parserError = error }
        context.fireErrorCaught(error)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if isLingering {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(var head):
            if isAnsweredEarly, !head.headers["connection"].contains(where: { $0.lowercased() == "close" }) {
                head.headers.replaceOrAdd(name: "connection", value: "close")
                refusals.count(.unreadBody)
            }
            if head.headers["connection"].contains(where: { $0.lowercased() == "close" }) { closesAfterAnswer = true }
            isStreaming = head.headers.first(name: "content-type") == "text/event-stream"
            if let parserError, head.status == .badRequest {
                writeRefusal(parserError, head, context, promise)
            } else {
                context.write(wrapOutboundOut(.head(head)), promise: promise)
            }
        case .body: context.write(data, promise: promise)
        case .end:
            openRequests = max(0, openRequests - 1)
            context.writeAndFlush(data, promise: promise)
            isStreaming = false
            if closesAfterAnswer || hasFailed || parserError != nil || hasLastRequest && openRequests == 0 {
                linger(context)
            } else if openRequests == 0 {
                wait(limits.idleTimeout, context)
            }
            if openRequests == 0, let connection { connections.finished(connection) }
            // The next request was not read meanwhile.
            if openRequests == 1, isReadingBody { bodyBegan = .now() }
        }
    }

    /// Whether a response begins before its request has ended, and reading the rest costs more than a new connection: a
    /// client that waits for leave does not send it, and a large body would be read for nothing.
    private var isAnsweredEarly: Bool {
        guard isReadingBody, openRequests == 1 else { return false }
        guard let announcedBytes, !waitsForLeave else { return true }
        return announcedBytes - bodyBytes > limits.maxFormBytes
    }

    /// Replaces the empty 400 with which Hummingbird answers invalid HTTP by a problem document.
    private func writeRefusal(
        _ error: HTTPParserError, _ head: HTTPResponseHead, _ context: ChannelHandlerContext,
        _ promise: EventLoopPromise<Void>?
    ) {
        let problem: Problem
        if error == .headerOverflow {
            problem = Problem(
                .requestHeaderFieldsTooLarge, "headers_too_large",
                "The header has more than \(limits.maxHeaderBytes) bytes or \(limits.maxHeaderFields) fields.")
        } else if error == .invalidHost {
            problem = Problem(
                .badRequest, "malformed_request", "The request has no Host field, or several.",
                expected: "one line such as Host: localhost (RFC 9112 §3.2)")
        } else {
            problem = Problem(.badRequest, "malformed_request", "The request is not valid HTTP/1.1.")
        }
        var writer = JSONWriter()
        problem.write(to: &writer)
        let body = ByteBuffer(bytes: writer.bytes)
        let fields: HTTPHeaders = [
            "content-type": "application/problem+json", "content-length": "\(body.readableBytes)",
            "connection": "close",
        ]
        let status = HTTPResponseStatus(statusCode: problem.status.code)
        let refusal = HTTPResponseHead(version: head.version, status: status, headers: fields)
        context.write(wrapOutboundOut(.head(refusal)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: promise)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        writeDeadline?.cancel()
        writeDeadline = nil
        if !context.channel.isWritable {
            writeDeadline = schedule(limits.writeTimeout, context) { [refusals] context in
                refusals.count(.slowReader)
                context.close(promise: nil)
            }
        }
        context.fireChannelWritabilityChanged()
    }

    /// Closes the output and discards input until `lingerTimeout` has passed. After an immediate close the kernel would
    /// send a reset, and the client could lose the response that it has not read yet.
    private func linger(_ context: ChannelHandlerContext) {
        guard !isLingering else { return }
        isLingering = true
        deadline?.cancel()
        deadline = schedule(limits.lingerTimeout, context) { $0.close(promise: nil) }
        context.close(mode: .output, promise: nil)
    }

    /// Closes the connection when it has waited for a request for so long.
    private func wait(_ duration: Duration, _ context: ChannelHandlerContext) {
        deadline?.cancel()
        deadline = schedule(duration, context) { [self] context in
            guard openRequests == 0 else { return }
            if !hadRequest { refusals.count(.slowHeader) }
            context.close(promise: nil)
        }
    }

    /// Ends a request whose body arrives too slowly, or not in time.
    private func watchBody(_ context: ChannelHandlerContext) {
        deadline?.cancel()
        let left = TimeAmount(limits.bodyTimeout) - (.now() - bodyBegan)
        deadline = schedule(min(TimeAmount(limits.bodyGrace), left), context) { [self] context in
            guard isReadingBody else { return }
            guard !hasFailed else { return context.close(promise: nil) }
            let elapsed = NIODeadline.now() - bodyBegan
            let isLate = elapsed >= TimeAmount(limits.bodyTimeout)
            let wanted = Double(limits.minBodyRate) * Double(elapsed.nanoseconds) / 1e9
            guard isLate || openRequests == 1 && Double(bodyBytes) < wanted else { return watchBody(context) }
            hasFailed = true
            refusals.count(.slowBody)
            // The reader of the body answers. If there is none, this timer closes the connection.
            deadline = schedule(TimeAmount(limits.lingerTimeout), context) { $0.close(promise: nil) }
            context.fireErrorCaught(isLate ? Failure.bodyTimeout : Failure.bodyTooSlow)
        }
    }

    private func schedule(
        _ duration: Duration, _ context: ChannelHandlerContext, _ body: @escaping (ChannelHandlerContext) -> Void
    ) -> Scheduled<Void> {
        schedule(TimeAmount(duration), context, body)
    }

    private func schedule(
        _ time: TimeAmount, _ context: ChannelHandlerContext, _ body: @escaping (ChannelHandlerContext) -> Void
    ) -> Scheduled<Void> {
        context.eventLoop.assumeIsolated().scheduleTask(in: time) { body(context) }
    }

    private func cancelAll() {
        deadline?.cancel()
        writeDeadline?.cancel()
    }
}

@available(*, unavailable)
extension ConnectionGuard: Sendable {}
