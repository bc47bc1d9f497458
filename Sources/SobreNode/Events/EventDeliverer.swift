import Curl
import Logging
import ServiceLifecycle
import SobreModel
import SobreSettings
import SobreStore

/// Sends events to all subscriptions, each in a task of its own.
///
/// It reads the log, which is written anyway, over a connection of its own, and calls receivers on a curl loop of its own.
/// So sending messages waits neither for it nor for a receiver.
struct EventDeliverer: Service {
    let subscriptions: EventSubscriptions
    let settings: Settings
    let store: any Store
    let time: any TimeSource
    let logger: Logger

    func run() async throws {
        guard !subscriptions.ready.isEmpty else {
            await cancelWhenGracefulShutdown { await waitUntilCancelled() }
            return
        }
        let reader = try settings.storeLocation().openForReading()
        let loop = Self.makeLoop(settings)
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                for ready in subscriptions.ready {
                    let feed = EventFeed(
                        ready.subscription, to: Self.receiver(ready, settings, loop), store: store, log: reader,
                        time: time, logger: logger)
                    group.addTask { await send(feed) }
                }
            }
        }
        await loop.shutdown(grace: .zero)
        await reader.close()
    }

    /// A loop whose bounds are those of events.
    static func makeLoop(_ settings: Settings) -> CurlLoop {
        CurlLoop(configuration: CurlLoopConfiguration(settings.httpClient, carrying: settings.events.limits.inFlight))
    }

    static func receiver(
        _ ready: EventSubscriptions.Ready, _ settings: Settings, _ loop: CurlLoop
    ) -> EventReceiver {
        EventReceiver(
            endpoint: ready.endpoint, loop: loop, limits: settings.events.limits,
            connectTimeout: settings.httpClient.connectTimeout)
    }

    private func send(_ feed: EventFeed) async {
        var feed = feed
        while !Task.isCancelled {
            var pause = settings.events.limits.interval
            do {
                pause = try await feed.step()
            } catch {
                if error.code == .closed { return }
                logger.error("events could not be read or recorded; trying again", metadata: ["why": "\(error)"])
            }
            if pause > .zero { do { try await Task.sleep(for: pause) } catch { return } }
        }
    }
}
