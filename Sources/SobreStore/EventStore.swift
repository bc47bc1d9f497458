public import SobreModel

/// Keeps how far each subscription to events has come.
public protocol EventStore: EventSubscriptionList {
    /// The state of a subscription, which begins with this call when it is not known yet.
    ///
    /// - Parameters:
    ///   - name: The name of the subscription.
    ///   - position: Where a new one begins; nil: at the beginning of the log.
    /// - Returns: The state as it is stored.
    /// - Throws: `StoreError` when nothing was written.
    func begin(subscription name: String, after position: LogCursor?) async throws(StoreError) -> EventSubscriptionState

    /// Saves a state that was read before and has changed since. When the call returns, it survives a crash and a power
    /// cut.
    ///
    /// - Parameter state: The new state, with the generation that was read.
    /// - Returns: False when an order came in between. Nothing is saved then.
    /// - Throws: `StoreError` when nothing was written.
    func save(_ state: EventSubscriptionState) async throws(StoreError) -> Bool

    /// Carries out the order of an operator, in the name of ``Author/current``.
    ///
    /// - Parameters:
    ///   - order: What to do.
    ///   - name: The name of the subscription.
    /// - Returns: The new state; nil when there is no such subscription.
    /// - Throws: `cursor` when a cursor was not made by this store or lies after the end of its log.
    func carryOut(_ order: EventOrder, on name: String) async throws(StoreError) -> EventSubscriptionState?
}

/// Reads how far subscriptions to events have come.
public protocol EventSubscriptionList: Sendable {
    /// The states of all subscriptions that ever began, by name.
    func eventSubscriptions() async throws(StoreError) -> [EventSubscriptionState]

    /// The addresses to which deliveries went, as far as their recipients' profiles still have them. A delivery that was
    /// not handed over yet has none.
    func addresses(of deliveries: Set<DeliveryID>) async throws(StoreError) -> [DeliveryID: Address]
}
