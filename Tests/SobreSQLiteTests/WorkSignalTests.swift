import SobreModel
import Synchronization
import Testing

@testable import SobreSQLite
import Threads

@Suite("Who waits for work") struct WorkSignalTests {
    private let now = Instant(milliseconds: 1_000_000)

    /// Registers a waiter with a timeout of one minute. Returns when the writer wakes next, in milliseconds from now.
    private func pause(_ signal: WorkSignal, nextAt: Instant) async -> Double {
        var pause = 0.0
        await withUnsafeContinuation { continuation in
            signal.wait(until: MonotonicTime.now().nanoseconds + 60_000_000_000, nextAt: nextAt, continuation)
            let before = MonotonicTime.now().nanoseconds
            pause = Double((signal.nextDeadline(now: now) ?? 0) - before) / 1e6
            signal.wake(now: now, all: true)
        }
        return pause
    }

    @Test func `what is added after the tables were read is not slept over`() async {
        let signal = WorkSignal()
        signal.added(dueAt: now + .milliseconds(50), now: now)
        // The tables were read before the addition, so they contain nothing.
        #expect(await pause(signal, nextAt: .distantFuture) <= 51)
    }

    @Test func `a later wait sleeps until what the tables say`() async {
        let signal = WorkSignal()
        signal.added(dueAt: now + .milliseconds(50), now: now)
        _ = await pause(signal, nextAt: .distantFuture)
        await withUnsafeContinuation { continuation in
            signal.wait(until: 0, nextAt: .distantFuture, continuation)
            signal.wake(now: now + .milliseconds(50))
        }
        let pause = await pause(signal, nextAt: now + .seconds(20))
        #expect(pause > 19_000 && pause <= 20_001)
    }
}
