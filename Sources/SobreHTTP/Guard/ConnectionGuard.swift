import HTTPTypes
import JSON
import NIOCore
import NIOHTTP1
import SobreSettings

/// Enforces the limits of one connection, between the HTTP codec and the server: deadlines for the header, the body,
/// idle time and unread responses, and the maximum size of a body. It also answers `Expect: 100-continue`, and closes
/// so that the client can still read an error response.
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
        case bodyTooLarge
    }

    private let limits: HTTPLimits
    /// Whether the end of the current request is outstanding.
    private var isReadingBody = false
    private var bodyBytes = 0
    /// Requests begun minus responses ended.
    private var openRequests = 0
    private var hasFailed = false
    private var parserError: HTTPParserError?
    private var closesAfterAnswer = false
    /// Whether the client asked to close the connection after this request.
    private var hasLastRequest = false
    /// Whether the response is an event stream, which ends when the client disconnects.
    private var isStreaming = false
    private var isLingering = false
    private var deadline: Scheduled<Void>?
    private var writeDeadline: Scheduled<Void>?

    init(limits: HTTPLimits) { self.limits = limits }

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
            isReadingBody = true
            bodyBytes = 0
            openRequests += 1
            hasLastRequest = !head.isKeepAlive
            wait(limits.bodyTimeout, context)
            if let expectation = head.headers.first(name: "expect"), expectation.lowercased() == "100-continue" {
                answerExpectation(head, context)
            }
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
            deadline?.cancel()
        }
        context.fireChannelRead(data)
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

    /// Answers `Expect: 100-continue`. A body that is too large gets no 100; the route answers 413.
    private func answerExpectation(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let length = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
        guard length <= limits.maxBatchBytes, openRequests == 1 else { return }
        let answer = HTTPResponseHead(version: head.version, status: .continue)
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
        case .head(let head):
            if head.headers["connection"].contains(where: { $0.lowercased() == "close" }) { closesAfterAnswer = true }
            isStreaming = head.headers.first(name: "content-type") == "text/event-stream"
            if let parserError, head.status == .badRequest {
                writeRefusal(parserError, head, context, promise)
            } else {
                context.write(data, promise: promise)
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
        }
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
            writeDeadline = schedule(limits.writeTimeout, context) { $0.close(promise: nil) }
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

    private func wait(_ duration: Duration, _ context: ChannelHandlerContext) {
        deadline?.cancel()
        deadline = schedule(duration, context) { [self] context in
            if isReadingBody, !hasFailed {
                hasFailed = true
                // The reader of the body answers. If there is none, this timer closes the connection.
                deadline = schedule(limits.lingerTimeout, context) { $0.close(promise: nil) }
                context.fireErrorCaught(Failure.bodyTimeout)
            } else if isReadingBody || openRequests == 0 {
                context.close(promise: nil)
            }
        }
    }

    private func schedule(
        _ duration: Duration, _ context: ChannelHandlerContext, _ body: @escaping (ChannelHandlerContext) -> Void
    ) -> Scheduled<Void> {
        let loop = context.eventLoop.assumeIsolated()
        return loop.scheduleTask(in: TimeAmount(duration)) { body(context) }
    }

    private func cancelAll() {
        deadline?.cancel()
        writeDeadline?.cancel()
    }
}

@available(*, unavailable)
extension ConnectionGuard: Sendable {}
