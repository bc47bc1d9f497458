import Glibc
import Logging
import NIOCore

/// Keeps a server listening when a single connection could not be set up.
///
/// NIO itself waits a second when the system has no descriptor for a new connection. Other errors would reach the
/// server's loop, which takes them for the end of the listening socket.
final class ListenerGuard: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private let logger: Logger

    init(logger: Logger) { self.logger = logger }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        logger.debug("a connection could not be accepted", metadata: ["why": "\(error)"])
    }

    /// Adds the guard to a listening channel, behind the handler that sets connections up. Has the kernel keep
    /// connections back until their first bytes arrive, for about `patience`: one that sends nothing costs the process
    /// neither a descriptor nor memory.
    static func add(to channel: any Channel, patience: Duration, logger: Logger) async throws {
        try await channel.eventLoop.submit {
            let pipeline = channel.pipeline.syncOperations
            let accepting = try pipeline.context(name: "AcceptHandler").handler
            try pipeline.addHandler(ListenerGuard(logger: logger), position: .after(accepting))
        }.get()
        let option = NIOBSDSocket.Option(rawValue: TCP_DEFER_ACCEPT)
        let seconds = max(1, Int(patience.components.seconds))
        try await channel.setOption(.tcpOption(option), value: SocketOptionValue(seconds)).get()
    }
}

@available(*, unavailable)
extension ListenerGuard: Sendable {}
