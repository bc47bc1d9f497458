import SobreModel
import SobreStore
import Synchronization

/// The permission to begin one call.
///
/// It ends when the guard time is over, and when something about the recipient, the address or the message changed
/// since the decision. The transport asks when the first byte would leave, because a call may wait there for a
/// connection. A call that was refused once never begins; the delivery is decided anew.
final class StartPermit: Sendable {
    private let latest: ContinuousClock.Instant
    private let pace: Pace
    private let changes: RecentChanges
    private let mark: UInt64
    private let keys: [KeyHash]
    private let refused = Atomic(false)

    /// - Parameters:
    ///   - latest: the latest start.
    ///   - pace: the clock of `latest`.
    ///   - changes: what changed lately in the store.
    ///   - mark: the changes that the decision has seen.
    ///   - keys: the recipient under all names, the address and the message.
    init(latest: ContinuousClock.Instant, pace: Pace, changes: RecentChanges, mark: UInt64, keys: [KeyHash]) {
        self.latest = latest
        self.pace = pace
        self.changes = changes
        self.mark = mark
        self.keys = keys
    }

    /// Whether the call may begin now.
    func mayBegin() -> Bool { refusal() == nil }

    /// Asks why the call may not begin; nil when it may. A call that was refused once stays refused.
    func refusal() -> StartQueue.Refusal? {
        if !wasRefused, pace.now() <= latest, !changes.hasChanged(keys, since: mark) { return nil }
        refused.store(true, ordering: .releasing)
        return changes.hasChanged(keys, since: mark) ? .changed : .late
    }

    /// Whether the call was kept from beginning.
    var wasRefused: Bool { refused.load(ordering: .acquiring) }
}
