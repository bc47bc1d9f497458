import ServiceLifecycle

/// Does something again and again until the server stops: reload what changed, remove what is old.
struct Periodic: Service {
    let interval: Duration
    let action: @Sendable () async -> Void

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do { try await Task.sleep(for: interval) } catch { return }
                await action()
            }
        }
    }
}
