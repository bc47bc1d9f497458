import SobreModel
import SobreStore
import Testing

@testable import SobreSQLite
@testable import SobreStoreConformance

@Suite("Ledgers are what a plain list of all contacts says, whatever happens")
struct LedgerOracleTests {
    private struct Contact {
        var person: String
        var address: String
        var committedAt: Instant
        var isCommitted: Bool
        /// The other profiles that held the address when the contact was made.
        var holders: Set<String>
    }

    private struct Model {
        var contacts: [Int64: Contact] = [:]
        /// The names and the addresses of each recipient.
        var names: [String: [String]] = [:]
        var addresses: [String: [String]] = [:]

        /// The contacts of a recipient, with whether they count for it.
        func ledger(_ person: String) -> [String] {
            contacts.filter { _, contact in
                contact.isCommitted
                    && (counts(contact, for: person) || addresses[person]!.contains(contact.address))
            }.sorted { ($0.value.committedAt, $0.key) < ($1.value.committedAt, $1.key) }.map { id, contact in
                "\(id) \(counts(contact, for: person))"
            }
        }

        private func counts(_ contact: Contact, for person: String) -> Bool {
            names[person]!.contains(contact.person) || !contact.holders.isDisjoint(with: names[person]!)
        }

        /// The other profiles that hold an address of the recipient.
        func holders(of address: String, besides person: String) -> Set<String> {
            guard addresses[person]!.contains(address) else { return [] }
            let profiles = Set(names.values.map { $0[0] })
            return profiles.filter { !names[person]!.contains($0) && addresses[$0]!.contains(address) }
        }

        mutating func prune(before: Instant) {
            for id in contacts.keys.sorted().dropLast() {
                if contacts[id]!.committedAt >= before { return }
                contacts[id] = nil
            }
        }
    }

    @Test(
        "After sends, receipts, pruning, merges, undone transactions and crashes",
        arguments: [1, 9, 40, 65_536], [1, 2] as [UInt64])
    func story(limit: Int, seed: UInt64) async throws {
        try await withTemporaryDirectory { directory in
            var story = try LedgerStory.open(directory, maxPendingIndexRows: limit)
            var model = Model()
            var random = SplitMix(state: seed &* 1_000 &+ UInt64(limit))
            let people = ["ann", "bob", "cy", "dora", "anon"]
            let shared = ["+12025550001", "+12025550002", "+12025550003"]
            for (index, person) in people.enumerated() {
                let own = [shared[index % 3], shared[(index + index / 3) % 3]]
                model.names[person] = [person]
                model.addresses[person] = own
                try await story.store.put([
                    Profile(id: person, addresses: own.map { Address(channel: .sms, value: $0) })
                ])
            }
            for round in 0..<120 {
                let all = model.contacts.keys.sorted()
                switch random.next(below: 14) {
                case 0...5:
                    let address = shared[Int(random.next(below: 3))]
                    let to = people.filter { _ in random.next(below: 2) == 0 } + ["ann"]
                    let isSent = random.next(below: 5) > 0
                    let ids = try await story.send(to: to, address: address, proof: isSent ? .sent : .notSent)
                    for (id, person) in zip(ids, to) {
                        model.contacts[id] = Contact(
                            person: person, address: address, committedAt: story.time.now(), isCommitted: isSent,
                            holders: model.holders(of: address, besides: person))
                    }
                case 6...8:
                    for id in all where random.next(below: 5) == 0 {
                        let isCommitted = random.next(below: 2) == 0
                        try await story.correct([id], to: isCommitted ? .committed : .released)
                        model.contacts[id]?.isCommitted = isCommitted
                    }
                case 9:
                    let before = story.time.now() - .seconds(Int64(random.next(below: 20)))
                    _ = try await story.store.prune(
                        messagesBefore: .distantPast, ledgerBefore: before, idempotencyBefore: .distantPast,
                        limit: 1_000)
                    model.prune(before: before)
                case 10:
                    let some = all.filter { _ in random.next(below: 3) == 0 }
                    await Self.undo(some, in: story, prunes: random.next(below: 2) == 0)
                case 11:
                    // Somebody takes and gives up addresses.
                    let person = people[Int(random.next(below: 5))]
                    let profile = model.names[person]![0]
                    let held = shared.filter { _ in random.next(below: 2) == 0 }
                    _ = try await story.store.put([
                        Profile(id: profile, addresses: held.map { Address(channel: .sms, value: $0) })
                    ])[0].get()
                    for name in model.names[person]! { model.addresses[name] = held }
                default:
                    if round > 60, model.names["ann"]!.count == 1 {
                        _ = try await story.store.merge("anon", into: "ann").get()
                        let addresses = Set(model.addresses["ann"]! + model.addresses["anon"]!)
                        for name in ["ann", "anon"] {
                            model.names[name] = ["ann", "anon"]
                            model.addresses[name] = Array(addresses)
                        }
                    } else if round % 2 == 0 {
                        await story.store.close()
                        story = try LedgerStory.open(directory, story.time, maxPendingIndexRows: limit)
                    }
                }
                // Only some recipients each time, so that both cached and uncached ledgers are read.
                for person in people where round % 20 == 19 || random.next(below: 3) == 0 {
                    #expect(
                        try await Self.described(story.ledger(person)) == model.ledger(person),
                        "\(person), round \(round)")
                }
                if round % 20 == 19 { try await Self.crash(directory, story, model, limit) }
            }
            await story.store.close()
        }
    }

    private static func described(_ ledger: [LedgerEntry]) -> [String] {
        ledger.map { "\($0.id) \($0.countsForHolder)" }
    }

    /// Corrects contacts, optionally prunes, and then fails, so that the transaction is rolled back.
    private static func undo(_ ids: [Int64], in story: LedgerStory, prunes: Bool) async {
        _ = try? await story.store.writer.perform { core throws(StoreError) in
            for (place, id) in ids.enumerated() {
                var effect = ReceiptEffect(fold: ReceiptFold([:]))
                if place % 2 == 0 { effect.released = [id] } else { effect.committed = [id] }
                var round = ReceiptRound()
                try core.apply(effect, to: DeliveryID(rawValue: 0), now: core.now(), &round)
            }
            if prunes {
                _ = try core.prune(
                    messagesBefore: .distantPast, ledgerBefore: core.now(), idempotencyBefore: .distantPast, limit: 99)
            }
            for person in ["ann", "bob"] { _ = try core.facts(recipient: person, horizon: LedgerStory.horizon) }
            throw StoreError(.internal, "Undone.")
        }
    }

    /// Opens a copy of the files as a crash would leave them now.
    private static func crash(
        _ directory: String, _ story: LedgerStory, _ model: Model, _ limit: Int
    ) async throws {
        try await withTemporaryDirectory { copy in
            try StoreFiles.copy(from: directory, to: copy)
            let crashed = try LedgerStory.open(copy, story.time, maxPendingIndexRows: limit)
            for person in ["ann", "bob", "cy", "dora", "anon"] {
                #expect(
                    try await Self.described(crashed.ledger(person)) == model.ledger(person), "\(person) after a crash")
            }
            let rows = model.contacts.values.filter(\.isCommitted).reduce(0) { $0 + 1 + $1.holders.count }
            #expect(try await crashed.rows("person_contact").count == rows)
            await crashed.store.close()
        }
    }
}
