import NIOCore
import NIOHTTP1
import SobreSettings

/// Puts the ``ConnectionGuard`` right behind the HTTP decoder, where Hummingbird offers no place, and leaves.
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
            // Never serve a connection without its limits.
            context.fireErrorCaught(error)
            context.close(promise: nil)
        }
    }
}

@available(*, unavailable)
extension GuardInstaller: Sendable {}
