import SobreModel
import SobreStore
import Synchronization

/// The permission to begin one call.
///
/// It ends when the guard time is over, when something about the recipient, the address or the message changed since the
/// decision, and when an operator has paused what it is for. The transport asks when the first byte would leave, because a call may wait there for a
/// connection. A call that was refused once never begins; the delivery is decided anew.
final class StartPermit: Sendable {
    private let latest: ContinuousClock.Instant
    private let pace: Pace
    private let changes: RecentChanges
    private let mark: UInt64
    private let keys: [KeyHash]
    private let allowedAt = Mutex<ContinuousClock.Instant?>(nil)
    private let pauses: Pauses
    /// A `StartQueue.Refusal`; 0 for none.
    private let refused = Atomic<UInt8>(0)

    /// What the call is for, as far as operators may pause it.
    struct Pauses: Sendable {
        var inForce: PausesInForce
        /// The pauses that the decision has seen.
        var mark: UInt64
        var message: Message
        var channel: Channel
        var provider: String

        /// Whether a pause that came after the decision stops the call.
        var stop: Bool {
            inForce.stop(message.draft, on: channel, through: provider, since: mark)
        }
    }

    /// - Parameters:
    ///   - latest: the latest start.
    ///   - pace: the clock of `latest`.
    ///   - changes: what changed lately in the store.
    ///   - mark: the changes that the decision has seen.
    ///   - keys: the recipient under all names, the address and the message.
    ///   - pauses: what operators may have paused meanwhile.
    init(
        latest: ContinuousClock.Instant, pace: Pace, changes: RecentChanges, mark: UInt64, keys: [KeyHash],
        pauses: Pauses
    ) {
        self.latest = latest
        self.pace = pace
        self.changes = changes
        self.mark = mark
        self.keys = keys
        self.pauses = pauses
    }

    /// Whether the call may begin now.
    func mayBegin() -> Bool { refusal() == nil }

    /// Asks why the call may not begin; nil when it may. A call that was refused once stays refused, for the same reason.
    func refusal() -> StartQueue.Refusal? {
        if let known = whyRefused { return known }
        let now = pace.now()
        let why: StartQueue.Refusal
        if pauses.stop {
            why = .paused
        } else if changes.hasChanged(keys, since: mark) {
            why = .changed
        } else if now > latest {
            why = .late
        } else {
            allowedAt.withLock { $0 = now }
            return nil
        }
        let (_, first) = refused.compareExchange(expected: 0, desired: why.rawValue, ordering: .acquiringAndReleasing)
        return StartQueue.Refusal(rawValue: first) ?? why
    }

    /// For how long the call has been in progress: since it was last allowed to begin. Nil: it never was.
    var elapsed: Duration? { allowedAt.withLock { $0 }.map { pace.now() - $0 } }

    /// Why the call was kept from beginning; nil when it was not.
    var whyRefused: StartQueue.Refusal? { StartQueue.Refusal(rawValue: refused.load(ordering: .acquiring)) }
}
