/// Wakes whoever waits for work. A ring while nobody waits is remembered. On the stage.
final class Bell: @unchecked Sendable {
    private unowned let world: World
    private var rings = 0
    private var answered = 0
    private var sleeps: [UInt64] = []

    init(_ world: World) { self.world = world }

    func ring() {
        rings += 1
        let woken = sleeps
        sleeps = []
        for sleep in woken { world.stage.wake(sleep) }
    }

    /// Whether it rang since it was last answered.
    func answer() -> Bool {
        guard rings > answered else { return false }
        answered = rings
        return true
    }

    /// Waits for a ring, for so many milliseconds at most.
    func wait(atMost milliseconds: Int64, unless isOver: () -> Bool) async {
        if isOver() || answer() { return }
        let sleep = world.stage.newSleep()
        sleeps.append(sleep)
        await world.stage.sleep(milliseconds, as: sleep)
        sleeps.removeAll { $0 == sleep }
        answered = rings
    }
}
