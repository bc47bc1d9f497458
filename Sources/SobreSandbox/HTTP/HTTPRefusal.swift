internal import NIOCore

/// Rejects a connection that exceeds the limit, before its first request, and closes it.
final class HTTPRefusal: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func channelActive(context: ChannelHandlerContext) {
        let answer = HTTPAnswer.problem(
            503, "Service Unavailable", "The sandbox has no room for another connection; try later.")
        var buffer = ByteBuffer(
            string: "HTTP/1.1 503 Service Unavailable\r\nContent-Type: \(answer.contentType)\r\n"
                + "Content-Length: \(answer.body.count)\r\nConnection: close\r\n\r\n")
        buffer.writeBytes(answer.body)
        let promise = context.eventLoop.makePromise(of: Void.self)
        let channel = context.channel
        promise.futureResult.whenComplete { _ in channel.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(buffer), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}
}
