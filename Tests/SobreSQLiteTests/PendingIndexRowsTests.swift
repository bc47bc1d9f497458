import SobreModel
import SobreStore
import SobreStoreConformance
import Testing

@testable import SobreSQLite
import SobreSettings

@Suite("Rows with random keys are filed later, and never missing")
struct PendingIndexRowsTests {
    @Test("A filing queue gives every row once, each batch in order, and ends a batch before the next is full")
    func queue() {
        var queue = IndexingQueue<MessageRow>(limit: 100)
        var filed: [Int64] = []
        var watermark: Int64 = 0
        var key: UInt64 = 1
        for message in 0..<5000 {
            queue.begin()
            key = key &* 6_364_136_223_846_793_005 &+ 1
            queue.append(MessageRow(key: Int64(key >> 40), message: Int64(message)))
            let next = queue.next
            #expect(next.map(\.key) == next.map(\.key).sorted())
            if let reached = queue.watermarkAfterNext { watermark = reached }
            filed += next.map(\.message)
            queue.didIndex(next.count)
            #expect(queue.young.count <= 200)
        }
        #expect(Set(filed).count == filed.count)
        #expect(watermark > 4700)
        #expect(Set(0...watermark).isSubset(of: Set(filed)))
    }

    @Test(
        "Facts, keys and timelines are whole at every stage of filing, and after a crash",
        arguments: [1, 7, 64, 10_000])
    func wholeAtEveryStage(limit: Int) async throws {
        try await withTemporaryDirectory { directory in
            var configuration = SQLiteConfiguration()
            configuration.limits.maxPendingIndexRows = limit
            let time = VirtualTime(.epoch)
            let store = try SQLiteStore.open(directory: directory, time: time, configuration: configuration)
            var ids: [MessageID] = []
            for index in 0..<60 {
                time.advance(by: .seconds(1))
                let results = try await store.enqueue([Self.submission(index)])
                guard case .accepted(let id) = results[0] else {
                    Issue.record("message \(index) was not accepted")
                    return
                }
                ids.append(id)
                try await Self.send(store, proof: index % 3 == 0 ? .notSent : .sent)
            }
            try await Self.verify(store, ids)
            try await withTemporaryDirectory { copy in
                // The files as a crash leaves them, with pending index rows.
                try StoreFiles.copy(from: directory, to: copy)
                let reader = try SQLiteStore.openReadOnly(directory: copy)
                #expect(try await reader.timeline(recipient: "p1", limit: 99).count == 20)
                await reader.close()
                let crashed = try SQLiteStore.open(directory: copy, time: time, configuration: configuration)
                try await Self.verify(crashed, ids)
                await crashed.close()
            }
            _ = try await store.prune(
                messagesBefore: .epoch + .seconds(31), ledgerBefore: .epoch + .seconds(31),
                idempotencyBefore: .distantPast,
                limit: 1000)
            let kept = try await store.facts(recipient: "p1", horizon: .seconds(10_000)).ledger
            #expect(kept.allSatisfy { $0.committedAt! >= .epoch + .seconds(31) })
            #expect(kept.count == 10)
            await store.close()
        }
    }

    private static func submission(_ index: Int) -> Submission {
        Submission(
            draft: MessageDraft(recipient: "p\(index % 3)", template: "hello", channels: [.email]),
            idempotencyKey: "key-\(index)", requestHash: KeyHash("\(index)"))
    }

    private static func send(_ store: SQLiteStore, proof: Outcome.Proof) async throws {
        let claimed = try await store.claim(limit: 1, lease: .seconds(60), channels: [.email])
        let request = AdmissionRequest(
            delivery: claimed[0].claim.delivery, epoch: claimed[0].claim.epoch, message: claimed[0].message,
            channel: .email, provider: "acme")
        let results = try await store.admit(
            [request], policyVersion: 1, horizon: .seconds(60), attemptTimeout: .seconds(30)
        ) { request, _, _ in
            AdmissionDecision(
                verdict: .send(
                    Address(channel: .email, value: "shared@example.com"),
                    ContactTraits(message: request.message.draft, channel: .email)), policyVersion: 1)
        }
        guard case .admitted(let admitted) = results[0] else { return }
        try await store.record([
            AttemptRecord(
                ledgerID: admitted.ledgerID, delivery: admitted.delivery, proof: proof,
                change: DeliveryChange(proof == .sent ? .sent : .failed))
        ])
    }

    private static func verify(_ store: SQLiteStore, _ ids: [MessageID]) async throws {
        // Every third attempt, which includes all of p0's, is proven unsent.
        for (person, count) in [("p0", 0), ("p1", 20), ("p2", 20)] {
            let ledger = try await store.facts(recipient: person, horizon: .seconds(10_000)).ledger
            #expect(ledger.count == count)
            #expect(Set(ledger.map(\.id)).count == count)
            #expect(ledger.map(\.committedAt!) == ledger.map(\.committedAt!).sorted())
            #expect(try await store.timeline(recipient: person, limit: 99).count == 20)
            #expect(try await store.log(LogQuery(limit: 999, recipient: person)).rows.count == 60)
        }
        let replays = try await store.enqueue(ids.indices.map(submission))
        #expect(replays == ids.map { .replayed($0) })
    }
}
