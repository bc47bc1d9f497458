import SobreModel
import SobreSettings
import SobreStore
import SobreStoreColumns
import SobreStoreConformance
import Testing

@testable import SobreSQLite

@Suite("Messages that were just accepted are claimed without reading them")
struct FreshMessagesTests {
    private static let start = Instant.epoch + .seconds(86_400)

    private static func draft(_ recipient: String = "ann", data: String = "{}") -> MessageDraft {
        MessageDraft(recipient: recipient, template: "hello", channels: [.email], data: Array(data.utf8))
    }

    /// A draft in which every field has a value that is not its default.
    private static var full: MessageDraft {
        MessageDraft(
            recipient: "bob", template: "offer", campaign: "summer", journey: "welcome", category: "transactional",
            topic: "orders", tags: ["promo/summer", "a"], channels: [.sms, .email], route: .best, priority: .high,
            sendAt: start - .seconds(1), expiresAt: start + .seconds(900), dedupKey: "order-1",
            data: Array(#"{"n":1}"#.utf8), bestTimeWithin: .seconds(60), tenant: "shop", isTest: true,
            capFlags: CapFlags(obeys: false, counts: true, by: "key"))
    }

    private func withStore(
        cached: Int = 1 << 20, _ body: (SQLiteStore) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            var configuration = SQLiteConfiguration()
            configuration.limits.cachedMessageBytes = cached
            let store = try SQLiteStore.open(
                directory: directory, time: VirtualTime(Self.start), configuration: configuration)
            try await body(store)
            await store.close()
        }
    }

    private func enqueue(_ drafts: [MessageDraft], _ store: SQLiteStore) async throws -> [MessageID] {
        try await store.enqueue(drafts.map { Submission(draft: $0) }).compactMap { result in
            if case .accepted(let id) = result { id } else { nil }
        }
    }

    private func claim(_ store: SQLiteStore) async throws -> [ClaimedDelivery] {
        try await store.claim(limit: 1_000, lease: .seconds(60), channels: Set(Channel.allCases))
    }

    private func cachedCount(_ store: SQLiteStore) async throws -> Int {
        try await store.writer.perform(.reads) { (core) throws(StoreError) in core.freshMessages.count }
    }

    @Test("What is claimed from memory is what the table holds")
    func sameAsTheTable() async throws {
        try await withStore { store in
            let ids = try await enqueue([Self.full, Self.draft(), Self.draft("cy", data: #"{"a":"é"}"#)], store)
            #expect(try await cachedCount(store) == 3)
            let first = try await claim(store)
            #expect(first.map(\.message.id).sorted() == ids)
            #expect(try await cachedCount(store) == 0)
            await store.giveBack(first.map(\.claim))
            let second = try await claim(store)
            #expect(second.map(\.message) == first.map(\.message))
            #expect(second.first { $0.message.id == ids[0] }?.message.draft == Self.full)
        }
    }

    @Test("Only what is due and has one delivery is kept, up to the bound", arguments: [0, 3_000, 1 << 20])
    func bounded(cached: Int) async throws {
        try await withStore(cached: cached) { store in
            var later = Self.draft()
            later.sendAt = Self.start + .seconds(60)
            var everywhere = Self.draft()
            everywhere.route = .all
            everywhere.channels = [.email, .sms]
            _ = try await enqueue([later, everywhere], store)
            #expect(try await cachedCount(store) == 0)
            let data = #"{"pad":"\#(String(repeating: "x", count: 500))"}"#
            let drafts = (0..<40).map { Self.draft("p\($0)", data: data) }
            let ids = try await enqueue(drafts, store)
            let kept = try await cachedCount(store)
            if cached == 0 { #expect(kept == 0) }
            if cached == 3_000 { #expect((1...5).contains(kept)) }
            if cached == 1 << 20 { #expect(kept == 40) }
            let claimed = try await claim(store)
            #expect(claimed.map(\.message.draft).filter { $0.recipient.hasPrefix("p") } == drafts)
            #expect(Set(ids).isSubset(of: Set(claimed.map(\.message.id))))
            #expect(try await cachedCount(store) == 0)
        }
    }

    @Test("What is cancelled or erased before it is claimed is not kept")
    func changed() async throws {
        try await withStore { store in
            let ids = try await enqueue([Self.draft("ann"), Self.draft("bob", data: #"{"secret":1}"#)], store)
            _ = try await store.cancel(ids[0])
            #expect(try await cachedCount(store) == 1)
            try await store.writer.perform { core throws(StoreError) in
                try core.erase(ids[1], ErasedWords(names: ["bob"]))
            }
            #expect(try await cachedCount(store) == 0)
            let claimed = try await claim(store)
            #expect(claimed.map(\.message.id) == [ids[1]])
            #expect(claimed.first?.message.draft.recipient == "")
            #expect(claimed.first?.message.draft.data == Array("{}".utf8))
        }
    }

    @Test("A message that was rolled back is not claimed under the ID that another gets")
    func rolledBack() async throws {
        try await withStore { store in
            await #expect(throws: StoreError.self) {
                try await store.writer.perform { core throws(StoreError) -> Void in
                    _ = try core.enqueue([Submission(draft: Self.draft("gone"))])
                    throw StoreError(.internal, "This transaction is rolled back.")
                }
            }
            let ids = try await enqueue([Self.draft("kept")], store)
            let claimed = try await claim(store)
            #expect(claimed.map(\.message.id) == ids)
            #expect(claimed.map(\.message.draft.recipient) == ["kept"])
        }
    }

    @Test("A recipient that changed after the claim is looked for again when its message is decided")
    func changedRecipient() async throws {
        try await withStore { store in
            let old = Profile(id: "ann", addresses: [Address(channel: .email, value: "old@example.com")])
            let new = Profile(id: "ann", addresses: [Address(channel: .email, value: "new@example.com")])
            try await store.put([old])
            _ = try await enqueue([Self.draft(), Self.draft()], store)
            let claimed = try await claim(store)
            #expect(claimed.map(\.profile) == [old, old])
            try await store.put([new])
            let results = try await store.admit(
                claimed.map {
                    AdmissionRequest(
                        delivery: $0.claim.delivery, epoch: $0.claim.epoch, message: $0.message, channel: .email,
                        provider: "p")
                }, policyVersion: 1, horizon: .seconds(60), attemptTimeout: .seconds(30)
            ) { request, facts, _ in
                AdmissionDecision(
                    verdict: .send(
                        facts.profile?.addresses.first ?? Address(channel: .email, value: "none"),
                        ContactTraits(message: request.message.draft, channel: .email)), policyVersion: 1)
            }
            let reached = results.map { result in
                if case .admitted(let admitted) = result { admitted.address.value } else { "" }
            }
            #expect(reached == ["new@example.com", "new@example.com"])
        }
    }
}
