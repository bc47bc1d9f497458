import SobreClient
public import SobreStore
public import SobreWire
import SobreModel
import SobreSettings

extension Backend {
    /// Carries out an order for a subscription to events.
    ///
    /// - Parameters:
    ///   - order: what to do.
    ///   - name: the subscription.
    /// - Returns: how far it has come; nil when it has not begun.
    /// - Throws: an error of the client or of the store.
    public func carryOut(_ order: EventOrder, on name: String) async throws -> EventSubscriptionState? {
        switch self {
        case .server(let client): try await client.carryOut(order, on: name)
        case .store(let store, _): try await store.carryOut(order, on: name)
        }
    }
}

extension StoreAccess {
    /// The subscriptions to events of the settings, with how far they have come.
    public func eventSubscriptions() async throws -> [EventSubscriptionStatus] {
        let subscriptions = EventSubscriptions(settings, environment: environment)
        return try await read { reader in
            try await subscriptions.statuses(of: settings.events, in: reader, at: SystemTime().now())
        }
    }
}
