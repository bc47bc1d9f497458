import HummingbirdCore
import Logging
import NIOCore

/// HTTP/1.1 on connections that ``ConnectionRegistry`` admits.
struct GuardedChannel: ServerChildChannel {
    typealias Value = HTTP1Channel.Value

    private struct NotAdmitted: Error {}

    let http: HTTP1Channel
    let connections: ConnectionRegistry

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        guard connections.admit(channel) else {
            channel.close(promise: nil)
            return channel.eventLoop.makeFailedFuture(NotAdmitted())
        }
        return http.setup(channel: channel, logger: logger).flatMapErrorThrowing { error in
            // Nobody else closes a connection that could not be set up.
            channel.close(promise: nil)
            throw error
        }
    }

    func handle(value: Value, logger: Logger) async { await http.handle(value: value, logger: logger) }
}
