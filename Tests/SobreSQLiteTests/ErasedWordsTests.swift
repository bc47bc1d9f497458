import Files
import GRDB
import SobreModel
import SobreSettings
import SobreStore
import SobreStoreColumns
import SobreStoreConformance
import Testing

@testable import SobreSQLite

/// Nothing that identifies somebody who was erased is left in any file, while the store stays open.
@Suite struct ErasedWordsTests {
    private struct NotAccepted: Error {}

    private static let id = "erika-mustermann"
    private static let words = [
        "erika-mustermann", "anon-4711x", "erika.m@home.example", "Mustergasse", "wunschzettel", "box ticked by phone",
    ]

    private static var erika: Profile {
        var profile = Profile(
            id: id, addresses: [Address(channel: .email, value: "Erika.M@home.example")],
            consents: [
                Consent(
                    category: "marketing", granted: true, at: .epoch, source: "erika-mustermann's desk",
                    evidence: "box ticked by phone")
            ],
            attributes: Array(#"{"street":"Mustergasse 7"}"#.utf8), aliases: ["anon-4711x"])
        profile.caps.percent = 50
        return profile
    }

    private static func draft(journey: String = "cart/anon-4711x") -> MessageDraft {
        MessageDraft(
            recipient: id, template: "offer", campaign: "for erika-mustermann", journey: journey,
            category: "marketing", topic: "sale", tags: ["promo", "user/erika-mustermann"], channels: [.email],
            dedupKey: "erika-mustermann:1", data: Array(#"{"list":"wunschzettel"}"#.utf8), tenant: "erika-mustermann")
    }

    /// Reasoning as the decision writes it.
    private static func explanation(_ recipient: String = id) -> [UInt8] {
        Array(
            """
            {"verdict":"hold","reason":"frequency_capped","until":"1970-01-02T00:00:00Z","summary":"weekly 2/2, next slot",\
            "message":{"recipient":"\(recipient)","campaign":"for \(recipient)","dedup_key":"\(recipient):1",\
            "tags":["user/\(recipient)"]},"channels":[{"channel":"email","steps":[{"step":"suppression","passes":false,\
            "of":"\(recipient)","reason":"manual","source":"\(recipient)'s desk"},{"step":"consent","passes":true,\
            "source":"\(recipient)'s desk"},{"step":"caps","passes":false,"rules":[{"rule":"weekly","count":2}]}]}]}
            """.utf8)
    }

    private static func decide(_ recipient: String = id) -> AdmissionDecider {
        { request, facts, now in
            guard let address = facts.profile?.address(on: .email) else {
                return AdmissionDecision(
                    verdict: .drop(.unknownRecipient), policyVersion: 1, explanation: explanation(recipient),
                    summary: "there is no profile \(recipient)")
            }
            return switch request.message.draft.priority {
            case .high:
                AdmissionDecision(
                    verdict: .send(address, ContactTraits(message: request.message.draft, channel: .email)),
                    policyVersion: 1)
            case .low:
                AdmissionDecision(
                    verdict: .drop(.suppressed), policyVersion: 1, explanation: explanation(),
                    summary: "\(id): manual since 1970")
            default:
                AdmissionDecision(
                    verdict: .hold(until: now + .seconds(86_400), .frequencyCapped), policyVersion: 1,
                    explanation: explanation(), summary: "weekly 2/2 for erika-mustermann")
            }
        }
    }

    /// The words that stand in any file of a folder, whatever their case.
    private static func found(in directory: String) throws -> [String] {
        var left: [String] = []
        for name in try Folder.names(in: directory) {
            let bytes = try StoreFiles.read("\(directory)/\(name)")
            let text = String(decoding: bytes.map { $0 < 0x20 || $0 > 0x7E ? 0x20 : $0 }, as: UTF8.self).lowercased()
            for word in words where text.contains(word.lowercased()) { left.append("\(name): \(word)") }
        }
        return left
    }

    private static func enqueue(
        _ store: SQLiteStore, _ priority: Priority, key: String? = nil, journey: String = "cart/anon-4711x"
    ) async throws -> MessageID {
        var draft = draft(journey: journey)
        draft.priority = priority
        let result = try await store.enqueue([
            Submission(
                draft: draft, idempotencyKey: key ?? "erika-mustermann-\(priority)", requestHash: KeyHash("same"))
        ])
        guard case .accepted(let id) = result[0] else { throw NotAccepted() }
        return id
    }

    private static func work(_ store: SQLiteStore) async throws -> [AdmittedAttempt] {
        let claimed = try await store.claim(limit: 10, lease: .seconds(60), channels: [.email])
        let results = try await store.admit(
            claimed.map { claimed in
                AdmissionRequest(
                    delivery: claimed.claim.delivery, epoch: claimed.claim.epoch, message: claimed.message,
                    channel: .email, provider: "acme")
            }, policyVersion: 1, horizon: .seconds(86_400), attemptTimeout: .seconds(30), deciding: decide())
        return results.compactMap { if case .admitted(let attempt) = $0 { attempt } else { nil } }
    }

    private static func record(_ attempt: AdmittedAttempt, _ store: SQLiteStore) async throws {
        let subject = erika.addresses[0].subject
        let change = DeliveryChange(
            .failed, reason: "rejected", attempt: attempt.attempt, channel: .email, provider: "acme",
            providerID: "to-erika-mustermann-1", detail: "550 erika-mustermann of Mustergasse is unknown")
        let suppression = Suppression(
            subject: subject, label: "erika.m@home.example", reason: .hardBounce, source: "provider:acme", at: .epoch,
            evidence: "550 erika-mustermann")
        let isRecorded = try await store.record([
            AttemptRecord(
                ledgerID: attempt.ledgerID, delivery: attempt.delivery, proof: .sent, change: change,
                suppressions: [suppression])
        ])
        #expect(isRecorded == [true])
    }

    private static func receive(
        _ kind: Receipt.Kind, of delivery: DeliveryID, _ store: SQLiteStore
    ) async throws {
        var receipt = Receipt(provider: "acme", kind: kind, at: .epoch, isSigned: true)
        receipt.delivery = delivery
        receipt.detail = "erika-mustermann reported it"
        _ = try await store.append([receipt], maxWaiting: 10)
        _ = try await store.applyReceipts(
            limit: 10, patience: .seconds(60),
            deciding: { facts, _ in
                var fold = facts.fold
                fold.add(facts.receipt.kind, ReceiptFold.Event(at: facts.receipt.at, detail: facts.receipt.detail))
                return .apply(ReceiptEffect(fold: fold))
            })
    }

    private static func fill(_ store: SQLiteStore) async throws -> (ids: [MessageID], inFlight: AdmittedAttempt) {
        try await store.put([erika, Profile(id: "bob", attributes: Array(#"{"word":"bob-stays"}"#.utf8))])
        // A longer document before: what it leaves in free pages must go as well.
        var long = erika
        long.attributes = Array(
            #"{"street":"\#(String(repeating: "Mustergasse 7, ", count: 2_000))"}"#.utf8)
        try await store.put([long])
        try await store.put([erika])
        try await store.suppress([
            Suppression(
                subject: .recipient(id), label: id, reason: .manual, source: "erika-mustermann", at: .epoch,
                evidence: "called from Mustergasse")
        ])
        let sent = try await enqueue(store, .high)
        let attempt = try #require(try await work(store).first)
        try await record(attempt, store)
        try await receive(.delivered, of: sent.delivery(0), store)
        let held = try await enqueue(store, .normal)
        let dropped = try await enqueue(store, .low)
        _ = try await work(store)
        let flying = try await enqueue(store, .high, key: "erika-mustermann-flying")
        let inFlight = try #require(try await work(store).first)
        return ([sent, held, dropped, flying], inFlight)
    }

    @Test func `Neither in the database, nor in its log, nor in a backup, nor through the API`() async throws {
        try await withTemporaryDirectory { directory in
            let store = try SQLiteStore.open(directory: directory, time: VirtualTime(.epoch + .seconds(86_400)))
            let (ids, inFlight) = try await Self.fill(store)
            #expect(
                Set(try Self.found(in: directory).map { $0.split(separator: ": ")[1] })
                    == Set(Self.words.map { $0[...] }))

            #expect(try await store.erase(Self.id)?.messages == 4)
            #expect(try Self.found(in: directory) == [])
            // What comes in afterwards for the same messages.
            try await Self.record(inFlight, store)
            try await Self.receive(.complained, of: ids[0].delivery(0), store)
            let again = try await store.erase(Self.id)
            #expect(again?.messages == 4)
            #expect(try Self.found(in: directory) == [])

            // Outcomes stay.
            var states: [DeliveryState] = []
            for id in ids {
                let history = try await store.history(of: id)
                states.append(try #require(history.last).state)
                #expect(history.allSatisfy { !$0.detail.contains("erika") })
            }
            #expect(states == [.failed, .cancelled, .dropped, .failed])
            let held = try #require(try await store.history(of: ids[1]).first { $0.explanation != nil })
            #expect(held.reason == "frequency_capped")
            #expect(held.detail == "weekly 2/2 for …")
            let text = String(decoding: held.explanation ?? [], as: UTF8.self)
            #expect(text.contains(#"{"rule":"weekly","count":2}"#))
            #expect(text.contains(#""campaign":"for …""#))
            #expect(!text.contains("recipient"))
            let message = try #require(try await store.message(ids[1])).draft
            #expect(message.campaign == "for …")
            #expect(message.tags == ["promo", "user/…"])
            #expect(message.dedupKey == nil)
            let left = try await store.suppressions(subject: nil, limit: 99)
            #expect(left.allSatisfy { $0.label.hasPrefix("erased-") && $0.evidence == nil })
            #expect(Set(left.map(\.reason)) == [.erased, .manual, .hardBounce])

            // A repeated request is recognised by its hash.
            let replayed = try await store.enqueue([
                Submission(
                    draft: Self.draft(), idempotencyKey: "erika-mustermann-normal", requestHash: KeyHash("same"))
            ])
            #expect(replayed == [.replayed(ids[1])])

            try await withTemporaryDirectory { folder in
                _ = try SQLiteStore.copyDatabase(of: directory, to: "\(folder)/copy.db")
                #expect(try Self.found(in: folder) == [])
                let copy = String(decoding: try StoreFiles.read("\(folder)/copy.db"), as: UTF8.self)
                #expect(copy.contains("bob-stays"))
            }
            await store.close()
            #expect(try Self.found(in: directory) == [])
        }
    }

    @Test func `A message to somebody who was erased loses id and data when it is refused`() async throws {
        try await withTemporaryDirectory { directory in
            var configuration = SQLiteConfiguration()
            configuration.limits.erasureRetry = .milliseconds(50)
            let store = try SQLiteStore.open(
                directory: directory, time: VirtualTime(.epoch), configuration: configuration)
            try await store.put([Self.erika])
            _ = try await store.erase(Self.id)
            let id = try await Self.enqueue(store, .high, journey: "cart/erika-mustermann")
            #expect(try await Self.work(store).isEmpty)
            let message = try #require(try await store.message(id))
            #expect(message.recipient == "")
            #expect(message.data == Array("{}".utf8))
            #expect(try await store.history(of: id).last?.reason == DropReason.unknownRecipient.rawValue)
            #expect(try Self.found(in: directory) == [])
            await store.close()
        }
    }

    @Test func `While somebody reads an earlier state the log is tried again until it is empty`() async throws {
        try await withTemporaryDirectory { directory in
            var configuration = SQLiteConfiguration()
            configuration.limits.erasureRetry = .milliseconds(50)
            configuration.limits.erasureWait = .milliseconds(5)
            let store = try SQLiteStore.open(
                directory: directory, time: VirtualTime(.epoch), configuration: configuration)
            try await store.put([Self.erika])
            var options = Configuration()
            options.readonly = true
            options.allowsUnsafeTransactions = true
            let reader = try DatabaseQueue(path: "\(directory)/\(DataDirectory.fileName)", configuration: options)
            try await reader.writeWithoutTransaction { db in
                try db.execute(sql: "BEGIN")
                _ = try Int.fetchOne(db, sql: "SELECT count(*) FROM profile")
            }
            _ = try await store.erase(Self.id)
            #expect(try !Self.found(in: directory).isEmpty)
            // Others can write meanwhile.
            try await store.put([Profile(id: "bob")])
            try await reader.writeWithoutTransaction { db in try db.execute(sql: "COMMIT") }
            try reader.close()
            let clock = ContinuousClock()
            let end = clock.now + .seconds(5)
            while try !Self.found(in: directory).isEmpty, clock.now < end {
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(try Self.found(in: directory) == [])
            await store.close()
        }
    }

    @Test(arguments: [
        ("ann: manual since 2026", "…: manual since 2026"), ("planned for ANN@example.com", "planned for …"),
        ("announced", "announced"), ("ann-2 and anna", "…-2 and anna"), ("to a…@example.com", "to …"),
        ("", ""), ("a", "a"), ("Ann", "…"),
    ])
    func `A word counts where it stands by itself`(text: String, kept: String) {
        let words = ErasedWords(names: ["ann"], addresses: [Address(channel: .email, value: "Ann@example.com")])
        #expect(words.removed(from: text) == kept)
    }
}
