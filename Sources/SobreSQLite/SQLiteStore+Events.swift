public import SobreModel
public import SobreStore

extension SQLiteReader: EventSubscriptionList {
    public func eventSubscriptions() async throws(StoreError) -> [EventSubscriptionState] {
        try await read { db throws(StoreError) in
            let row = try Statement("SELECT \(EventColumns.list) FROM event_subscription ORDER BY name", on: db)
            var states: [EventSubscriptionState] = []
            while try row.step() { states.append(EventColumns.read(row)) }
            return states
        }
    }

    public func addresses(of deliveries: Set<DeliveryID>) async throws(StoreError) -> [DeliveryID: Address] {
        if deliveries.isEmpty { return [:] }
        return try await read { db throws(StoreError) in
            let attempt = try Statement(
                "SELECT address, recipient FROM attempt WHERE delivery = ? ORDER BY id DESC LIMIT 1", on: db)
            let profile = try Statement("SELECT \(ProfileColumns.list) FROM profile WHERE key = ?", on: db)
            var found: [DeliveryID: Address] = [:]
            for delivery in deliveries {
                attempt.bind(1, delivery.rawValue)
                defer { attempt.reset() }
                guard try attempt.step() else { continue }
                let subject = attempt.keyHash(0)
                // The recipient may have been merged with another profile since.
                let person = try PersonNames(of: attempt.keyHash(1), on: db).person
                profile.bind(1, person)
                defer { profile.reset() }
                guard try profile.step() else { continue }
                found[delivery] = try ProfileColumns.read(profile).addresses.first { $0.subject == subject }
            }
            return found
        }
    }
}

extension SQLiteStore: EventStore {
    public func begin(
        subscription name: String, after position: LogCursor?
    ) async throws(StoreError) -> EventSubscriptionState {
        try await writer.perform { core throws(StoreError) in try core.begin(subscription: name, after: position) }
    }

    public func save(_ state: EventSubscriptionState) async throws(StoreError) -> Bool {
        try await writer.perform { core throws(StoreError) in try core.save(state) }
    }

    public func carryOut(_ order: EventOrder, on name: String) async throws(StoreError) -> EventSubscriptionState? {
        let author = Author.current
        return try await writer.perform { core throws(StoreError) in
            try core.carryOut(order, on: name, by: author)
        }
    }

    public func eventSubscriptions() async throws(StoreError) -> [EventSubscriptionState] {
        try await reader.eventSubscriptions()
    }

    public func addresses(of deliveries: Set<DeliveryID>) async throws(StoreError) -> [DeliveryID: Address] {
        try await reader.addresses(of: deliveries)
    }
}
