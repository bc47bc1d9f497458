import SobreModel
import SobreStore

/// Who is told of work: callers that wait for any, and callers that wait for urgent deliveries alone.
extension Core {
    /// The signal for callers that wait for deliveries of at least a priority.
    func signal(for least: Priority) -> WorkSignal { least.isUrgent ? urgentSignal : signal }

    /// Notes a claim, which examined all work that its caller may take.
    func noteClaim(least: Priority, now: Instant) {
        if least.isUrgent { snapshot.lastUrgentClaimAt = now } else { snapshot.lastClaimAt = now }
        signal(for: least).claimed()
    }

    func signalAdded(dueAt: Instant, rank: Int64, now: Instant) {
        signal.added(dueAt: dueAt, now: now)
        if Self.isUrgent(rank) { urgentSignal.added(dueAt: dueAt, now: now) }
    }

    /// Tells of a delivery that was claimed and is in the queue again.
    func signalMoreIsLeft(rank: Int64) {
        signal.moreIsLeft()
        if Self.isUrgent(rank) { urgentSignal.moreIsLeft() }
    }

    /// Lets all callers look for work.
    func poke() {
        signal.poke()
        urgentSignal.poke()
    }

    /// Resumes the callers for which there is work, or all of them.
    func wake(all: Bool) {
        let now = now()
        signal.wake(now: now, all: all)
        urgentSignal.wake(now: now, all: all)
    }

    /// When ``wake(all:)`` must be called again, in nanoseconds of the monotonic clock; nil when nobody waits.
    func nextWakeup() -> UInt64? {
        let now = now()
        return [signal.nextDeadline(now: now), urgentSignal.nextDeadline(now: now)].compactMap { $0 }.min()
    }

    /// The earliest due time after the last claim of the same kind. A claim has seen everything that was due before.
    func nextDueSinceClaim(least: Priority) throws(StoreError) -> Instant? {
        try nextDueAt(after: least.isUrgent ? snapshot.lastUrgentClaimAt : snapshot.lastClaimAt, least: least)
    }

    private static func isUrgent(_ rank: Int64) -> Bool { rank <= Self.rank(.high) }
}
