import SobreModel
import SobreStore
import Testing

@testable import SobreSQLite
@testable import SobreStoreConformance

@Suite("People's ledgers stand in a table of their own")
struct LedgerTableTests {
    @Test("Of a person's own contacts no attempt is read, and each is what its attempt was")
    func covering() async throws {
        try await withTemporaryDirectory { directory in
            var story = try LedgerStory.open(directory)
            for _ in 0..<3 { try await story.send(to: ["ann", "cy", "theo"]) }
            var young: [[LedgerEntry]] = []
            // These are read from their attempts, because all index rows are pending.
            for person in ["ann", "cy", "theo"] { young.append(try await story.ledger(person)) }
            #expect(try await story.rows("person_contact").isEmpty)
            #expect(young.map(\.count) == [3, 3, 3])
            story = try await story.reopened(directory)
            #expect(try await story.rows("person_contact").count == 9)
            try await story.loseAttempts()
            for (person, expected) in zip(["ann", "cy", "theo"], young) {
                #expect(try await story.ledger(person) == expected)
            }
            await story.store.close()
        }
    }

    @Test("A merged person's contacts come from the rows of every name, in the order of time")
    func merged() async throws {
        try await withTemporaryDirectory { directory in
            var story = try LedgerStory.open(directory)
            try await story.store.put(
                ["ann", "anon"].map { Profile(id: $0, addresses: [Address(channel: .sms, value: "+1202555\($0)")]) })
            var ids: [Int64] = []
            for person in ["anon", "ann", "anon", "anon", "ann"] { ids += try await story.send(to: [person]) }
            story = try await story.reopened(directory)
            _ = try await story.store.merge("anon", into: "ann").get()
            // Stored under the alias, although the recipient has another ID by now.
            for person in ["anon", "ann"] { ids += try await story.send(to: [person]) }
            story = try await story.reopened(directory)
            try await story.loseAttempts()
            for name in ["ann", "anon"] { #expect(try await story.ledger(name).map(\.id) == ids) }
            #expect(Set(try await story.ledger("ann").map(\.recipient)) == [.recipient("ann"), .recipient("anon")])
            await story.store.close()
        }
    }

    @Test("Another person's contact with a shared address is found by the address, once")
    func sharedAddress() async throws {
        try await withTemporaryDirectory { directory in
            var story = try LedgerStory.open(directory)
            let shared = Address(channel: .sms, value: "+12025550001")
            try await story.store.put(["ann", "bob"].map { Profile(id: $0, addresses: [shared]) })
            var ids: [Int64] = []
            for person in ["ann", "bob", "ann"] { ids += try await story.send(to: [person]) }
            let elsewhere = try await story.send(to: ["bob"], address: "+12025550002")
            for _ in 0..<2 {
                #expect(try await story.ledger("ann").map(\.id) == ids)
                #expect(try await story.ledger("bob").map(\.id) == ids + elsewhere)
                story = try await story.reopened(directory)
            }
            // Also for a recipient who has the address only from now on.
            try await story.store.put([Profile(id: "eve", addresses: [shared, shared])])
            #expect(try await story.ledger("eve").map(\.id) == ids)
            // Half of the index rows are written, half are pending.
            ids += try await story.send(to: ["bob"])
            #expect(try await story.ledger("eve").map(\.id) == ids)
            #expect(try await story.ledger("nobody").isEmpty)
            await story.store.close()
        }
    }

    @Test(
        "A contact that a receipt takes back or gives back is out of the ledger, or in it once, at every stage of filing",
        arguments: [1, 30, 100, 65_536])
    func corrected(limit: Int) async throws {
        try await withTemporaryDirectory { directory in
            let story = try LedgerStory.open(directory, maxPendingIndexRows: limit)
            let shared = Address(channel: .sms, value: "+12025550001")
            try await story.store.put(["ann", "bob"].map { Profile(id: $0, addresses: [shared]) })
            var committed: Set<Int64> = []
            var released: Set<Int64> = []
            var random = SplitMix(state: UInt64(limit))
            for round in 0..<40 {
                let proof: Outcome.Proof = round % 5 == 4 ? .notSent : .sent
                let ids = try await story.send(to: ["ann", "bob", "ann"], proof: proof)
                if proof == .sent { committed.formUnion(ids) } else { released.formUnion(ids) }
                let back = committed.sorted().filter { _ in random.next(below: 8) == 0 }
                let again = released.sorted().filter { _ in random.next(below: 4) == 0 }
                try await story.correct(back, to: .released)
                committed.subtract(back)
                released.formUnion(back)
                // Includes some that were just released.
                let both = again + back.filter { _ in random.next(below: 3) == 0 }
                try await story.correct(both, to: .committed)
                committed.formUnion(both)
                released.subtract(both)
                for person in ["ann", "bob"] {
                    #expect(try await story.ledger(person).map(\.id).sorted() == committed.sorted(), "round \(round)")
                }
            }
            let again = try await story.reopened(directory)
            #expect(try await again.ledger("ann").map(\.id).sorted() == committed.sorted())
            // One row for each of the two who hold the address.
            #expect(try await again.rows("person_contact").count == 2 * committed.count)
            // Pruning leaves no rows behind, including contacts that were released while their index rows were pending.
            again.time.advance(by: .seconds(100))
            let last = try await again.send(to: ["ann"])
            _ = try await again.store.prune(
                messagesBefore: .distantPast, ledgerBefore: again.time.now() - .seconds(1),
                idempotencyBefore: .distantPast, limit: 1_000)
            #expect(try await again.ledger("bob").map(\.id) == last)
            #expect(try await again.rows("person_contact").count == 2)
            #expect(try await again.rows("address_person").count == 1)
            #expect(try await again.rows("attempt_holder").count == 1)
            await again.store.close()
        }
    }

    @Test("A contact given back in the transaction that files everything else is not lost")
    func committedWhileAllIsIndexed() async throws {
        try await withTemporaryDirectory { directory in
            var story = try LedgerStory.open(directory)
            let ids = try await story.send(to: ["ann", "ann"])
            try await story.correct([ids[0]], to: .released)
            try await story.store.writer.perform { core throws(StoreError) in
                try core.indexAll()
                var effect = ReceiptEffect(fold: ReceiptFold([:]))
                effect.committed = [ids[0]]
                var round = ReceiptRound()
                try core.apply(effect, to: DeliveryID(rawValue: 0), now: core.now(), &round)
            }
            #expect(try await story.ledger("ann").map(\.id) == ids)
            story = try await story.reopened(directory)
            #expect(try await story.ledger("ann").map(\.id) == ids)
            await story.store.close()
        }
    }

    @Test("What was erased of a person is not the ledger: it is found under every name as before")
    func erased() async throws {
        try await withTemporaryDirectory { directory in
            var story = try LedgerStory.open(directory)
            try await story.store.put([
                Profile(id: "ann", addresses: [Address(channel: .sms, value: "+12025550001")], aliases: ["anon"])
            ])
            for person in ["ann", "anon", "ann"] { try await story.send(to: [person]) }
            let before = try await story.ledger("ann")
            story = try await story.reopened(directory)
            _ = try await story.store.erase("ann")
            try await story.loseAttempts()
            #expect(before.count == 3)
            for name in ["ann", "anon"] { #expect(try await story.ledger(name) == before) }
            await story.store.close()
        }
    }
}
