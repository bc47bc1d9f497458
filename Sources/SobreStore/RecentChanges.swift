public import SobreModel
import Synchronization

extension KeyHash {
    /// A message in ``RecentChanges``.
    public static func message(_ id: MessageID) -> KeyHash { KeyHash(stored: id.rawValue) }
}

/// Which recipients, addresses and messages changed a moment ago.
///
/// A delivery is decided before its call begins. What is answered in between (a suppression, a refused consent, a pause,
/// a cancellation) must still stop the call. The store notes here what changes. The dispatcher takes a ``mark`` before
/// it asks for a decision, and asks ``hasChanged(_:since:)`` when the first byte would leave.
///
/// Bounded. When more keys change than fit, the oldest are forgotten, and a decision from before that counts as changed:
/// it is made again.
public final class RecentChanges: Sendable {
    private struct State {
        /// The number of the last change of each key, in two generations of at most `capacity` keys.
        var recent: [KeyHash: UInt64] = [:]
        var older: [KeyHash: UInt64] = [:]
        /// The changes up to this number may be forgotten.
        var forgotten: UInt64 = 0
        /// The number of the first change in `recent`.
        var begin: UInt64 = 1
    }

    private let capacity: Int
    private let newest = Atomic<UInt64>(0)
    private let state = Mutex(State())

    /// - Parameter capacity: how many keys are kept, at least; twice as many at most.
    public init(capacity: Int) { self.capacity = max(1, capacity) }

    /// The number of the newest change. A decision that is asked for after this was read sees all changes up to it.
    public var mark: UInt64 { newest.load(ordering: .acquiring) }

    /// Notes that something about these keys changed. Called before the change is answered, and in such an order that a
    /// decision asked for afterwards sees the change.
    public func note(_ keys: some Sequence<KeyHash>) {
        state.withLock { state in
            let number = newest.load(ordering: .relaxed) + 1
            for key in keys { state.recent[key] = number }
            if state.recent.count >= capacity {
                state.forgotten = state.begin - 1
                state.older = state.recent
                state.recent = [:]
                state.begin = number + 1
            }
            newest.store(number, ordering: .releasing)
        }
    }

    /// Whether something about one of these keys changed, or may have changed, after a mark.
    public func hasChanged(_ keys: some Sequence<KeyHash>, since mark: UInt64) -> Bool {
        // The usual case costs one load.
        guard newest.load(ordering: .acquiring) > mark else { return false }
        return state.withLock { state in
            if state.forgotten > mark { return true }
            return keys.contains { max(state.recent[$0] ?? 0, state.older[$0] ?? 0) > mark }
        }
    }
}
