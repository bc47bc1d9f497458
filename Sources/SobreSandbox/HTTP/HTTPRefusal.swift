internal import NIOCore

/// Tells a client that there is no room for its connection, before it has asked anything, and closes.
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
