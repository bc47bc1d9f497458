import NIOCore
import NIOHTTP1
import SobreSettings

/// Inserts the ``ConnectionGuard`` directly after the HTTP decoder, a position that Hummingbird's configuration does
/// not offer.
final class GuardInstaller: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private let limits: HTTPLimits

    init(limits: HTTPLimits) { self.limits = limits }

    func handlerAdded(context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        do {
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try pipeline.addHandler(ConnectionGuard(limits: limits), position: .after(decoder))
        } catch {
            // A connection must never be served without its limits.
            context.fireErrorCaught(error)
            context.close(promise: nil)
        }
    }
}

@available(*, unavailable)
extension GuardInstaller: Sendable {}
