import ServiceLifecycle

/// Repeats an action at an interval until the server stops.
struct Periodic: Service {
    /// Asked anew each time.
    let interval: @Sendable () -> Duration
    let action: @Sendable () async -> Void

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do { try await Task.sleep(for: interval()) } catch { return }
                await action()
            }
        }
    }
}
