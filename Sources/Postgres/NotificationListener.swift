import Threads

/// Listens to channels on a connection and a thread of its own, and connects again when the connection is lost.
public final class NotificationListener: Sendable {
    /// What the listener reports.
    public enum Event: Sendable, Equatable {
        /// Listens from now on. What was sent before, or while the connection was lost, is not received: look yourself.
        case listening
        case notification(PostgresNotification)
        /// The connection was lost or could not be made. The listener tries again after a pause.
        case lost(PostgresError)
    }

    private let interrupt: Interrupt
    private let threads = RunningThreads(count: 1)

    /// Starts listening.
    ///
    /// - Parameters:
    ///   - configuration: how to connect.
    ///   - channels: the channels.
    ///   - pause: how long to wait before another attempt to connect.
    ///   - report: called on the listener's thread.
    public init(
        _ configuration: PostgresConfiguration, channels: [String], pause: Duration,
        report: @escaping @Sendable (Event) -> Void
    ) {
        let interrupt = Interrupt()
        self.interrupt = interrupt
        let threads = threads
        DedicatedThread.start(name: "pg-listener") {
            while !interrupt.isSet {
                do throws(PostgresError) {
                    let connection = try PostgresConnection(configuration)
                    for channel in channels { try connection.listen(to: channel) }
                    report(.listening)
                    while !interrupt.isSet {
                        let notifications = try connection.waitForNotifications(until: nil, unless: interrupt)
                        for notification in notifications { report(.notification(notification)) }
                    }
                } catch {
                    report(.lost(error))
                    interrupt.wait(atMost: pause)
                }
            }
            threads.end()
        }
    }

    deinit { interrupt.set() }

    /// Stops listening, and returns when the connection is closed.
    public func close() async {
        interrupt.set()
        await withUnsafeContinuation { continuation in threads.whenEnded { continuation.resume() } }
    }
}
