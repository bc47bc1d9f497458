/// Wakes the tasks that wait for work. A signal while nothing waits is remembered. Runs on the scheduler.
final class WorkCondition: @unchecked Sendable {
    private unowned let world: World
    private var signals = 0
    private var answered = 0
    private var sleeps: [UInt64] = []

    init(_ world: World) { self.world = world }

    func signal() {
        signals += 1
        let woken = sleeps
        sleeps = []
        for sleep in woken { world.scheduler.wake(sleep) }
    }

    /// Whether it was signalled since the last answer.
    func answer() -> Bool {
        guard signals > answered else { return false }
        answered = signals
        return true
    }

    /// Waits for a signal, for at most this many milliseconds.
    func wait(atMost milliseconds: Int64, unless isOver: () -> Bool) async {
        if isOver() || answer() { return }
        let sleep = world.scheduler.newSleep()
        sleeps.append(sleep)
        await world.scheduler.sleep(milliseconds, as: sleep)
        sleeps.removeAll { $0 == sleep }
        answered = signals
    }
}
