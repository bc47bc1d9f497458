public import SobreModel
import Synchronization

/// The operators' pauses that a node knows of.
///
/// A delivery is decided before its call begins, and a pause that is answered in between must still stop the call. The
/// dispatcher takes a ``mark`` before it asks for a decision, and asks ``stop(_:on:through:since:)`` when the first byte
/// would leave. It also asks here what needs no rendering and which providers not to choose; what counts is the decision
/// of the store.
public final class PausesInForce: Sendable {
    private let version = Atomic<UInt64>(0)
    private let pauses = Mutex<[SendingPause]>([])
    /// Whether there are any. Nearly always there are none, and a load says so.
    private let exist = Atomic<Bool>(false)

    public init() {}

    /// The number of the newest change. A decision that is asked for after this was read sees all changes up to it.
    public var mark: UInt64 { version.load(ordering: .acquiring) }

    /// All pauses, oldest first.
    public var all: [SendingPause] {
        exist.load(ordering: .acquiring) ? pauses.withLock { $0 } : []
    }

    /// Replaces what is known. Called before the change is answered, and before the results of a decision that has seen
    /// it are.
    public func replace(with new: [SendingPause]) {
        pauses.withLock { pauses in
            pauses = new
            exist.store(!new.isEmpty, ordering: .releasing)
            version.add(1, ordering: .releasing)
        }
    }

    /// Whether a pause that came after a mark stops a call to a provider.
    public func stop(
        _ message: MessageDraft, on channel: Channel, through provider: String, since mark: UInt64
    ) -> Bool {
        guard version.load(ordering: .acquiring) > mark else { return false }
        return all.covering(message, on: channel, through: provider) != nil
    }
}
