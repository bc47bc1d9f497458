import Glibc
import SobreDelivery
import SobreDispatch
import SobreModel
import SobreStore
import Synchronization
import Testing
import Threads

@Suite struct RenderThreadTests {
    /// Renders on whatever thread it is called, and keeps that thread's name.
    private final class Observer: DeliveryRendering {
        let threads = Mutex<Set<String>>([])

        func render(_ claimed: ClaimedDelivery, channel: Channel, at now: Instant) -> RenderedDelivery {
            var name = [UInt8](repeating: 0, count: 16)
            let file = open("/proc/thread-self/comm", O_RDONLY)
            let count = read(file, &name, 15)
            close(file)
            let bytes = name.prefix(max(0, count)).prefix { $0 != 0x0A }
            threads.withLock { _ = $0.insert(String(decoding: bytes, as: UTF8.self)) }
            return StandardWords().render(claimed, channel: channel, at: now)
        }
    }

    @Test func `messages are rendered on threads of their own, and sent all the same`() async throws {
        var settings = DispatchSettings.fiveAttempts
        settings.renderThreads = WorkerThreads(name: "render-test", count: 2)
        let observer = Observer()
        let mail = ScriptedProvider("mail", .email, .accepted)
        try await DispatchBench.run(mail, renderer: observer, settings: settings) { bench in
            let id = try await bench.enqueue(count: 20)
            try await bench.work()
            #expect(try await bench.last(id).state == .sent)
        }
        #expect(observer.threads.withLock { $0 } == ["render-test"])
    }
}
