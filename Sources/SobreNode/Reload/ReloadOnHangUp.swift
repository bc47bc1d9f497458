import Glibc
import Logging
import ServiceLifecycle
import SobreStore
import UnixSignals

/// Answers SIGHUP, which asks a server to read its files again, and never ends the process.
struct ReloadOnHangUp: Service {
    let logger: Logger
    let action: @Sendable () async -> Void

    /// From here on SIGHUP is ignored until the service runs: a terminal that closes does not end a server that starts.
    static func ignore() { signal(SIGHUP, SIG_IGN) }

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        await cancelWhenGracefulShutdown {
            for await _ in signals {
                logger.notice("SIGHUP: reading settings, providers, templates and policy again")
                await Author.$current.withValue(Author(name: "signal:SIGHUP")) { await action() }
            }
        }
        // Also while the rest drains.
        Self.ignore()
    }
}
