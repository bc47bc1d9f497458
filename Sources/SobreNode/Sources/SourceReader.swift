import Kafka
import Logging
import ServiceLifecycle
import SobreIntake
import SobreModel
import SobreSettings
import SobreStore
import SobreWire
import Threads

/// Takes messages from all sources, each in a task and on a thread of its own. Sending waits for none of them.
struct SourceReader: Service {
    let sources: SourceRegistry
    let settings: Settings
    let store: any Store
    let intake: Intake
    let time: any TimeSource
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                for (ready, progress) in sources.readable { group.addTask { await read(ready, progress) } }
                group.addTask { await waitUntilCancelled() }
            }
        }
    }

    private func read(_ ready: SourceSetup.Ready, _ progress: SourceProgress) async {
        let thread = WorkerThreads(name: "sobre-source", count: 1)
        while !Task.isCancelled {
            do throws(KafkaError) {
                var feed = try feed(ready, progress, thread)
                do throws(KafkaError) {
                    while !Task.isCancelled { try await feed.step() }
                } catch {
                    await feed.close()
                    throw error
                }
                await feed.close()
            } catch {
                progress.become(.failing, error.description)
                try? await Task.sleep(for: ready.source.limits.backoff)
            }
        }
    }

    private func feed(
        _ ready: SourceSetup.Ready, _ progress: SourceProgress, _ thread: WorkerThreads
    ) throws(KafkaError) -> SourceFeed {
        let gate = SourceGate(
            store: store, location: settings.storeLocation(), lowRoomBytes: settings.monitor.lowRoomBytes,
            maxWaiting: ready.source.limits.maxWaiting)
        return try SourceFeed(
            ready, intake: intake, store: store, gate: gate, acceptance: AcceptanceCounter(store, time: time),
            progress: progress, thread: thread, time: time)
    }
}
