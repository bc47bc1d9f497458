public import SobreModel

/// Pauses of sending, which operators order.
///
/// A pause is durable, and in force for every decision that is made after the call that orders it has returned, on all
/// nodes. A delivery that a pause holds stays with it: it is not claimed again before the pause has ended, except at the
/// instant up to which its decision held it. It then has the place in the queue that it had, so that the order of claims
/// does not change.
public protocol PauseStore: PauseList {
    /// What is paused, as this node knows it: at least all that was answered, here or by a decision of this node.
    var pausesInForce: PausesInForce { get }

    /// Orders a pause. One with the same filter is replaced: it keeps its ID and the time since when it is in force.
    ///
    /// When the call returns, the pause survives a crash and a power cut, and nothing that it covers is admitted.
    ///
    /// - Parameters:
    ///   - filter: The deliveries to hold.
    ///   - until: When the pause ends by itself; nil for one that must be lifted.
    ///   - reason: Why.
    ///   - by: Who orders it.
    /// - Returns: The pause, and whether it is new. Nil when there are as many pauses as the store allows.
    /// - Throws: `StoreError` when nothing was written.
    func pause(
        _ filter: DeliveryFilter, until: Instant?, reason: String, by: String
    ) async throws(StoreError) -> (pause: SendingPause, isNew: Bool)?

    /// Lifts a pause. What it held can be claimed at once, in the order of the queue.
    ///
    /// - Parameter id: The pause.
    /// - Returns: The pause that was lifted; nil when none with this ID is in force.
    /// - Throws: `StoreError` when nothing was written.
    func resume(_ id: Int64) async throws(StoreError) -> SendingPause?
}

/// Reads the pauses of sending.
public protocol PauseList: Sendable {
    /// The pauses in force at a time, oldest first, each with the number of deliveries that it holds.
    ///
    /// - Parameter now: Pauses that have ended by then are left out.
    /// - Returns: All of them; their number is bounded.
    /// - Throws: `StoreError` when they cannot be read.
    func pauses(at now: Instant) async throws(StoreError) -> [PauseStatus]
}

/// A pause with what it holds.
public struct PauseStatus: Hashable, Sendable {
    public var pause: SendingPause
    /// The deliveries that wait for its end. Those that become due later are not counted yet.
    public var held: Int

    public init(pause: SendingPause, held: Int) {
        self.pause = pause
        self.held = held
    }
}
