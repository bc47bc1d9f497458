import Testing

@testable import SobreDispatch

@Suite("The signal that ends a sleep", .timeLimit(.minutes(1))) struct WakeSignalTests {
    @Test func `a wake-up that comes while nobody sleeps is remembered once`() async {
        let signal = WakeSignal()
        signal.wake()
        signal.wake()
        await signal.sleep(atMost: .seconds(3600))
        let begun = ContinuousClock.now
        await signal.sleep(atMost: .milliseconds(20))
        #expect(ContinuousClock.now - begun >= .milliseconds(20))
    }

    @Test func `a sleep ends by a wake-up, before its time`() async {
        let signal = WakeSignal()
        async let slept: Void = signal.sleep(atMost: .seconds(3600))
        signal.wake()
        await slept
    }

    @Test func `a sleep ends with its task, also when that was cancelled before`() async {
        let signal = WakeSignal()
        let task = Task { await signal.sleep(atMost: .seconds(3600)) }
        task.cancel()
        await task.value
        let late = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            await signal.sleep(atMost: .seconds(3600))
        }
        await late.value
    }
}
