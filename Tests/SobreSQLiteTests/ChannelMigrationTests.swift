import Foundation
import SobreModel
import SobreStore
import SobreStoreConformance
import Testing

@testable import SobreSQLite

@Suite("A store whose channels stood in two bits each is converted")
struct ChannelMigrationTests {
    private static let former: [Channel] = [.email, .sms, .push]

    @Test("Messages have the channels that they had, in their order, and counters count the same")
    func converted() async throws {
        try await withTemporaryDirectory { directory in
            let time = VirtualTime(StoreConformance.start)
            let plans = StoreConformance.orders(of: Self.former)
            let store = try SQLiteStore.open(directory: directory, time: time)
            let drafts = plans.map { MessageDraft(recipient: "ann", template: "t", channels: $0, route: .all) }
            let results = try await store.enqueue(drafts.map { Submission(draft: $0) })
            await store.close()
            try Self.makeFormer(directory)
            let again = try SQLiteStore.open(directory: directory, time: time)
            for (result, draft) in zip(results, drafts) {
                guard case .accepted(let id) = result else {
                    Issue.record("\(result)")
                    continue
                }
                #expect(try await again.message(id)?.draft == draft)
            }
            var expected = Engagement()
            for channel in Self.former {
                for event in Engagement.Event.allCases {
                    expected[channel][event] = UInt32(10 * channel.index + Int(event.rawValue))
                }
            }
            for hour in [0, 1, 167] { _ = expected.set(hour: hour, to: UInt16(hour + 1)) }
            #expect(try await again.engagement(of: "ann").own == expected)
            let claimed = try await again.claim(limit: 1_000, lease: .seconds(60), channels: Set(Channel.allCases))
            #expect(claimed.count == plans.reduce(0) { $0 + $1.count })
            await again.close()
        }
    }

    /// Measures the duration of the conversion without any expectation, so it runs only on request:
    /// `SOBRE_MIGRATED_MESSAGES=1000000 swift test -c release --filter conversionTime`.
    @Test(
        "The time that converting takes",
        .enabled(if: ProcessInfo.processInfo.environment["SOBRE_MIGRATED_MESSAGES"] != nil))
    func conversionTime() async throws {
        let count = Int(ProcessInfo.processInfo.environment["SOBRE_MIGRATED_MESSAGES"] ?? "") ?? 0
        try await withTemporaryDirectory { directory in
            let plans = StoreConformance.orders(of: Self.former)
            let store = try SQLiteStore.open(directory: directory)
            let data = Array(#"{"first_name": "Ann", "order": "4711", "items": [1, 2, 3], "total": 29.33}"#.utf8)
            for start in stride(from: 0, to: count, by: 5_000) {
                _ = try await store.enqueue(
                    (start..<min(start + 5_000, count)).map { index in
                        Submission(
                            draft: MessageDraft(
                                recipient: "person-\(index % 100_000)", template: "offer", campaign: "spring",
                                channels: plans[index % plans.count], data: data),
                            idempotencyKey: "key-\(index)")
                    })
            }
            await store.close()
            try Self.makeFormer(directory)
            let path = "\(directory)/\(DataDirectory.fileName)"
            let bytes = DataDirectory.size(of: path)
            var configuration = SQLiteConfiguration()
            configuration.onUpgrade = { upgrade in
                if case .ended(let took) = upgrade {
                    print("\(count) messages, \(bytes >> 20) MB: \(took)")
                }
            }
            let again = try SQLiteStore.open(directory: directory, configuration: configuration)
            #expect(try await again.claim(limit: 1, lease: .seconds(60), channels: [.email]).count == 1)
            await again.close()
        }
    }

    @Test("A list that no version can have written stops the conversion and leaves the file", arguments: [0, 5, 20])
    func nonsense(packed: Int64) async throws {
        try await withTemporaryDirectory { directory in
            let time = VirtualTime(StoreConformance.start)
            let store = try SQLiteStore.open(directory: directory, time: time)
            _ = try await store.enqueue([
                Submission(draft: MessageDraft(recipient: "a", template: "t", channels: [.sms]))
            ])
            await store.close()
            try Self.makeFormer(directory)
            try Self.change(directory, "UPDATE message SET channels = \(packed)")
            let error = #expect(throws: StoreError.self) { try SQLiteStore.open(directory: directory, time: time) }
            #expect(error?.code == .corrupt && error?.message.contains("\(packed) in message.channels") == true)
            try Self.change(directory, "UPDATE message SET channels = 2")
            let again = try SQLiteStore.open(directory: directory, time: time)
            #expect(try await again.claim(limit: 9, lease: .seconds(60), channels: [.sms]).count == 1)
            await again.close()
        }
    }

    @Test("A file in the earlier layout is not read as if it were in the new one")
    func readOnly() async throws {
        try await withTemporaryDirectory { directory in
            await (try SQLiteStore.open(directory: directory)).close()
            try Self.makeFormer(directory)
            let error = #expect(throws: StoreError.self) { try SQLiteStore.openReadOnly(directory: directory) }
            #expect(error?.code == .incompatible && error?.message.contains("sobre serve") == true)
        }
    }

    @Test(
        "A channel that this program does not know is an error that says where it stands, never another channel",
        arguments: [
            ("UPDATE message SET channels = x'0163'", "channel 99 in message.channels"),
            ("UPDATE message SET channels = x''", "no channel in message.channels"),
            ("UPDATE message SET channels = 1", "message.channels"),
            ("UPDATE message SET route = 9", "9 in message.route"),
            (
                "UPDATE attempt SET channel = 99, state = 0; UPDATE meta SET value = 0 WHERE name = 'open_from'",
                "99 in attempt.channel"
            ),
            ("UPDATE person_contact SET channel = 257", "257 in person_contact.channel"),
            ("UPDATE log SET channel = 99", "99 in log.channel"),
            ("UPDATE suppression SET channel = 99", "99 in suppression.channel"),
            ("UPDATE engagement SET slot = 99 << 8 | 1", "in engagement.slot"),
            (#"UPDATE profile SET addresses = '[{"channel":"pigeon","address":"x"}]'"#, "pigeon in profile.addresses"),
            (#"UPDATE profile SET consents = '[{"category":"m","channel":"pigeon"}]'"#, "pigeon in profile.consents"),
        ])
    func unreadable(change: String, words: String) async throws {
        try await withTemporaryDirectory { directory in
            let time = VirtualTime(StoreConformance.start)
            try await Self.fill(directory, time)
            try Self.change(directory, change)
            do throws(StoreError) {
                let store = try SQLiteStore.open(directory: directory, time: time)
                do throws(StoreError) {
                    _ = try await store.facts(recipient: "ann", horizon: .seconds(86_400))
                    _ = try await store.log(LogQuery(limit: 100))
                    _ = try await store.claim(limit: 10, lease: .seconds(60), channels: Set(Channel.allCases))
                } catch {
                    await store.close()
                    throw error
                }
                await store.close()
                Issue.record("nothing was found wrong")
            } catch {
                #expect(error.code == .incompatible && error.message.contains(words), "\(error)")
            }
        }
    }

    /// One sent and one waiting message, of a recipient with all settings that refer to a channel.
    private static func fill(_ directory: String, _ time: VirtualTime) async throws {
        let store = try SQLiteStore.open(directory: directory, time: time)
        let address = Address(channel: .sms, value: "+12025550123")
        try await store.put([
            Profile(
                id: "ann", addresses: [address],
                consents: [Consent(category: "marketing", channel: .sms, granted: true)])
        ])
        try await store.suppress([
            Suppression(
                subject: address.subject, label: "x", reason: .manual, channel: .sms, source: "test", at: time.now())
        ])
        let draft = MessageDraft(recipient: "ann", template: "t", channels: [.sms])
        _ = try await store.enqueue([Submission(draft: draft), Submission(draft: draft)])
        let claimed = try await store.claim(limit: 1, lease: .seconds(60), channels: [.sms])
        let candidates = claimed.map {
            AdmissionRequest(
                delivery: $0.claim.delivery, epoch: $0.claim.epoch, message: $0.message, channel: .sms, provider: "p",
                attempt: 1)
        }
        let results = try await store.admit(
            candidates, policyVersion: 1, horizon: .seconds(86_400), attemptTimeout: .seconds(30)
        ) { candidate, _, _ in
            AdmissionDecision(
                verdict: .send(address, ContactTraits(message: candidate.message.draft, channel: .sms)),
                policyVersion: 1)
        }
        guard case .admitted(let ticket) = results[0] else {
            Issue.record("\(results)")
            return
        }
        let sent = DeliveryChange(.sent, attempt: 1, channel: .sms, provider: "p")
        _ = try await store.record([
            AttemptRecord(ledgerID: ticket.ledgerID, delivery: ticket.delivery, proof: .sent, change: sent)
        ])
        await store.close()
        try change(
            directory,
            "INSERT INTO engagement VALUES (\(KeyHash.recipient("ann").stored), \(Int64(Channel.sms.rawValue) << 8 | 1), 1)"
        )
    }

    private static func change(_ directory: String, _ sql: String) throws {
        try FormerLayout.change(directory, sql)
    }

    /// Restores the layout of the previous version, with counters of "ann".
    static func makeFormer(_ directory: String) throws {
        let ann = KeyHash.recipient("ann").stored
        var sql = FormerLayout.withoutHolders
        sql += """
            PRAGMA user_version = 2;
            DELETE FROM grdb_migrations WHERE identifier IN ('channels', 'attempt_owner', 'inbound');
            DROP TABLE inbound;
            ALTER TABLE attempt DROP COLUMN owner;
            UPDATE message SET channels = CASE hex(channels)
            """
        for plan in StoreConformance.orders(of: former) {
            let packed = plan.reversed().reduce(0) { $0 << 2 | Int($1.rawValue) }
            sql += " WHEN '\(plan.map { "0\($0.rawValue)" }.joined())' THEN \(packed)"
        }
        sql += " END;"
        for slot in 0..<9 {
            sql += "INSERT INTO engagement VALUES (\(ann), \(slot), \(10 * (slot / 3) + slot % 3 + 1));"
        }
        for hour in [0, 1, 167] { sql += "INSERT INTO engagement VALUES (\(ann), \(16 + hour), \(hour + 1));" }
        try change(directory, sql)
    }
}
