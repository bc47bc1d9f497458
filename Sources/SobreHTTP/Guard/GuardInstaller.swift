import NIOCore
import NIOHTTP1

/// Inserts the ``ConnectionGuard`` directly after the HTTP decoder, a position that Hummingbird's configuration does
/// not offer.
final class GuardInstaller: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private let traffic: HTTPTraffic

    init(traffic: HTTPTraffic) { self.traffic = traffic }

    func handlerAdded(context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        do {
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            let connection = traffic.connections.connection(of: context.channel)
            try pipeline.addHandler(
                ConnectionGuard(traffic: traffic, connection: connection), position: .after(decoder))
        } catch {
            // A connection must never be served without its limits.
            context.fireErrorCaught(error)
            context.close(promise: nil)
        }
    }
}

@available(*, unavailable)
extension GuardInstaller: Sendable {}
