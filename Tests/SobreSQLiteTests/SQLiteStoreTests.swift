import GRDB
import SobreModel
import SobreStore
import SobreStoreConformance
import Synchronization
import Testing

@testable import SobreSQLite
import SobreSettings

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("The embedded store and its files")
struct SQLiteStoreTests {
    private static let draft = MessageDraft(recipient: "ann", template: "hello", channels: [.email])

    private func code(_ body: () async throws -> Void) async -> StoreError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? StoreError
        }
    }

    @Test("Commits are synced in full and read back so")
    func synchronous() async throws {
        try await withTemporaryDirectory { directory in
            let store = try SQLiteStore.open(directory: directory)
            let values = try await store.writer.perform(.reads) { core throws(StoreError) in
                var values: [Int64] = []
                for name in ["synchronous", "application_id", "user_version"] {
                    let row = try core.cold("PRAGMA \(name)")
                    defer { row.reset() }
                    if try row.step() { values.append(row.int(0)) }
                }
                return values
            }
            #expect(values == [2, Int64(Schema.applicationID), Int64(Schema.version)])
            await store.close()
        }
    }

    @Test("A second opener is refused with the owner's process id, until the first has closed")
    func secondOpener() async throws {
        try await withTemporaryDirectory { directory in
            let store = try SQLiteStore.open(directory: directory)
            let error = await code { _ = try SQLiteStore.open(directory: directory) }
            #expect(error?.code == .locked)
            #expect(error?.message.contains("Process \(getpid()) owns") == true)
            await store.close()
            let second = try SQLiteStore.open(directory: directory)
            await second.close()
        }
    }

    @Test("Asking who owns the directory does not keep the owner out")
    func askingForTheOwner() async throws {
        try await withTemporaryDirectory { directory in
            let isOver = Mutex(false)
            let asked = Task.detached {
                while !isOver.withLock({ $0 }) { _ = SQLiteStore.isOwned(directory: directory) }
            }
            defer { isOver.withLock { $0 = true } }
            for _ in 0..<100 {
                let lock = try OwnerLock(directory: directory)
                #expect(SQLiteStore.isOwned(directory: directory))
                lock.release()
            }
            isOver.withLock { $0 = true }
            await asked.value
        }
    }

    @Test("Suppressions from before there was a history begin it")
    func historyOfOldSuppressions() async throws {
        try await withTemporaryDirectory { directory in
            let store = try SQLiteStore.open(directory: directory)
            let orders = [9, 3].map { minute in
                Suppression(
                    subject: .recipient("p\(minute)"), label: "p\(minute)", reason: .stopKeyword, source: "sms",
                    at: Instant(milliseconds: Int64(minute) * 60_000), evidence: "SMS: STOP")
            }
            try await store.suppress(orders)
            await store.close()
            let file = try DatabaseQueue(path: "\(directory)/\(DataDirectory.fileName)")
            try await file.write { db in
                try db.execute(sql: "DROP TABLE suppression_log")
                try db.execute(sql: "DELETE FROM grdb_migrations WHERE identifier = 'suppression_log'")
            }
            try file.close()
            let again = try SQLiteStore.open(directory: directory)
            let history = try await again.suppressionHistory(of: nil, before: nil, limit: 9)
            #expect(history.map(\.suppression) == orders && history.map(\.change) == [.set, .set])
            #expect(history.map(\.recordedAt) == orders.map(\.at))
            await again.close()
        }
    }

    @Test("Only the owner may read the files")
    func permissions() async throws {
        try await withTemporaryDirectory { directory in
            let store = try SQLiteStore.open(directory: directory)
            try await store.checkWritable()
            for name in ["sobre.db", "sobre.db-wal", "sobre.lock"] {
                var status = stat()
                #expect(stat(directory + "/" + name, &status) == 0)
                #expect(status.st_mode & 0o077 == 0, "\(name)")
            }
            await store.close()
        }
    }

    @Test("A directory that cannot be made is an error that names it")
    func noDirectory() async throws {
        let error = await code { _ = try SQLiteStore.open(directory: "/proc/nowhere/data") }
        #expect(error?.code == .io)
        #expect(error?.message.contains("/proc/nowhere/data") == true)
    }

    @Test("A file that is no database is refused")
    func notADatabase() async throws {
        try await withTemporaryDirectory { directory in
            write(String(repeating: "this is a letter, not a database. ", count: 200), to: directory + "/sobre.db")
            let error = await code { _ = try SQLiteStore.open(directory: directory) }
            #expect(error?.code == .incompatible)
        }
    }

    @Test("A database of another program and one of a newer version are refused")
    func foreign() async throws {
        for pragma in ["user_version = 0; PRAGMA application_id = 7", "user_version = 99"] {
            try await withTemporaryDirectory { directory in
                let store = try SQLiteStore.open(directory: directory)
                await store.close()
                let queue = try DatabaseQueue(path: directory + "/sobre.db")
                try await queue.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA " + pragma) }
                try queue.close()
                let error = await code { _ = try SQLiteStore.open(directory: directory) }
                #expect(error?.code == .incompatible)
                let reading = await code { _ = try SQLiteStore.openReadOnly(directory: directory) }
                #expect(reading?.code == .incompatible)
            }
        }
    }

    @Test("A damaged file is found at the start")
    func damaged() async throws {
        try await withTemporaryDirectory { directory in
            let store = try SQLiteStore.open(directory: directory)
            _ = try await store.enqueue((0..<500).map { _ in Submission(draft: Self.draft) })
            await store.close()
            // Overwrites the middle of the file: pages of tables, not the header.
            let descriptor = Glibc.open(directory + "/sobre.db", O_RDWR)
            var status = stat()
            fstat(descriptor, &status)
            let noise = [UInt8](repeating: 0xA5, count: Int(status.st_size) / 2)
            _ = noise.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 8192) }
            Glibc.close(descriptor)
            let error = await code { _ = try SQLiteStore.open(directory: directory) }
            #expect(error?.code == .corrupt)
        }
    }

    @Test("A full disk refuses the write, keeps what was there and takes writes again when there is room")
    func full() async throws {
        try await withTemporaryDirectory { directory in
            var configuration = SQLiteConfiguration()
            configuration.limits.maxBytes = 80 * 4096
            configuration.onFatal = { error in Issue.record("a full disk is not fatal: \(error)") }
            let store = try SQLiteStore.open(
                directory: directory, time: VirtualTime(.epoch), configuration: configuration)
            _ = try await store.enqueue([Submission(draft: Self.draft)])
            var large = Self.draft
            large.data = [UInt8](repeating: 32, count: 1 << 20)
            let submission = Submission(draft: large, idempotencyKey: "k")
            // In a group with a call that fits, only the one that is too large fails.
            async let small = store.enqueue([Submission(draft: Self.draft)])
            let error = await code { _ = try await store.enqueue([submission, Submission(draft: Self.draft)]) }
            #expect(error?.code == .full)
            #expect(try await small.count == 1)
            #expect(try await store.totals() == [.queued: 2])
            #expect(try await store.depth().waiting == 2)
            #expect(try await store.claim(limit: 9, lease: .seconds(60), channels: [.email]).count == 2)
            let entries = try await store.log(LogQuery(direction: .forward(after: nil))).rows
            #expect(entries.map(\.entry.sequence) == [1, 2])
            await store.close()
            let roomy = try SQLiteStore.open(directory: directory)
            guard case .accepted = try await roomy.enqueue([submission])[0] else {
                Issue.record("what failed was remembered as accepted")
                return
            }
            await roomy.close()
        }
    }

    @Test("Claims come by priority, then due time, then id, over all people and channels")
    func claimOrder() async throws {
        try await withTemporaryDirectory { directory in
            let time = VirtualTime(.epoch)
            let store = try SQLiteStore.open(directory: directory, time: time)
            func enqueue(_ waiting: (String, Channel, Priority)...) async throws -> [MessageID] {
                let submissions = waiting.map { recipient, channel, priority in
                    Submission(
                        draft: MessageDraft(
                            recipient: recipient, template: "hello", channels: [channel], priority: priority))
                }
                return try await store.enqueue(submissions).compactMap {
                    if case .accepted(let id) = $0 { id } else { nil }
                }
            }
            let first = try await enqueue(("low", .email, .low), ("a", .email, .normal), ("b", .sms, .normal))
            time.advance(by: .milliseconds(1))
            let second = try await enqueue(
                ("c", .email, .normal), ("high", .push, .high), ("critical", .email, .critical))
            func claim(_ limit: Int) async throws -> [MessageID] {
                try await store.claim(limit: limit, lease: .seconds(60), channels: [.email, .sms, .push])
                    .map(\.message.id)
            }
            let claimed = try await claim(4) + claim(10)
            #expect(claimed == [second[2], second[1], first[1], first[2], second[0], first[0]])
            await store.close()
        }
    }

    @Test("A transaction that fails leaves leases, open attempts and counts as they were")
    func undo() async throws {
        try await withTemporaryDirectory { directory in
            let store = try SQLiteStore.open(directory: directory, time: VirtualTime(.epoch))
            _ = try await store.enqueue([Submission(draft: Self.draft), Submission(draft: Self.draft)])
            let claimed = try await store.claim(limit: 2, lease: .seconds(60), channels: [.email])
            let requests = claimed.map {
                AdmissionRequest(
                    delivery: $0.claim.delivery, epoch: $0.claim.epoch, message: $0.message, channel: .email,
                    provider: "acme")
            }
            let decide: AdmissionDecider = { request, _, _ in
                AdmissionDecision(
                    verdict: .send(
                        Address(channel: .email, value: "a@example.com"),
                        ContactTraits(message: request.message.draft, channel: .email)), policyVersion: 1)
            }
            struct Fault: Error {}
            let error = await code {
                _ = try await store.writer.perform { core throws(StoreError) in
                    _ = try core.admit(
                        requests, policyVersion: 1, horizon: .seconds(60), attemptTimeout: .seconds(30), decide)
                    throw StoreError(.internal, "A fault on purpose.")
                }
            }
            #expect(error?.code == .internal)
            #expect(try await store.depth() == QueueDepth(waiting: 2, claimed: 2, inFlight: 0))
            #expect(try await store.facts(recipient: "ann", horizon: .seconds(60)).ledger.isEmpty)
            let results = try await store.admit(
                requests, policyVersion: 1, horizon: .seconds(60), attemptTimeout: .seconds(30), deciding: decide)
            let ids = results.map { if case .admitted(let admitted) = $0 { admitted.ledgerID } else { Int64(0) } }
            // The numbers of the log entries after those of the two messages. The failed transaction took none.
            #expect(ids == [3, 4])
            let record = AttemptRecord(
                ledgerID: ids[0], delivery: claimed[0].claim.delivery, proof: .sent, change: DeliveryChange(.sent))
            _ = await code {
                _ = try await store.writer.perform { core throws(StoreError) in
                    _ = try core.record([record])
                    throw StoreError(.internal, "A fault on purpose.")
                }
            }
            #expect(try await store.depth().inFlight == 2)
            #expect(try await store.record([record]) == [true])
            #expect(try await store.totals() == [.sent: 1, .attempting: 1])
            await store.close()
        }
    }

    @Test("An I/O error is fatal: it is reported, and nothing is written any more")
    func fatal() async throws {
        try await withTemporaryDirectory { directory in
            let reported = Mutex<[StoreError]>([])
            var configuration = SQLiteConfiguration()
            configuration.onFatal = { error in reported.withLock { $0.append(error) } }
            let store = try SQLiteStore.open(directory: directory, configuration: configuration)
            let broken = await code {
                try await store.writer.perform { _ throws(StoreError) in throw StoreError(.io, "The disk is gone.") }
            }
            #expect(broken?.code == .io)
            let after = await code { _ = try await store.enqueue([Submission(draft: Self.draft)]) }
            #expect(after?.code == .io)
            #expect(reported.withLock { $0.count } == 1)
            await store.close()
        }
    }

    @Test("More calls than the inbox holds are refused as overloaded, and the others are done")
    func overloaded() async throws {
        try await withTemporaryDirectory { directory in
            var configuration = SQLiteConfiguration()
            configuration.limits.maxWaitingWrites = 4
            let store = try SQLiteStore.open(directory: directory, configuration: configuration)
            let (gate, opener) = AsyncStream<Void>.makeStream()
            let release = DispatchGate()
            async let blocker: Void = store.writer.perform { _ throws(StoreError) in
                opener.finish()
                release.wait()
            }
            for await _ in gate {}
            let results = await withTaskGroup(of: StoreError.Code?.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        await code { _ = try await store.enqueue([Submission(draft: Self.draft)]) }?.code
                    }
                }
                var refused: [StoreError.Code?] = []
                for await result in group {
                    refused.append(result)
                    // The inbox holds four, so six are rejected while the writer is busy.
                    if refused.count == 6 { release.open() }
                }
                return refused
            }
            try await blocker
            #expect(results.prefix(6).allSatisfy { $0 == .overloaded })
            #expect(results.dropFirst(6).allSatisfy { $0 == nil })
            #expect(try await store.totals() == [.queued: 4])
            await store.close()
        }
    }

    @Test("Another process's reader sees what is committed, while the owner writes and after it has closed")
    func readOnly() async throws {
        try await withTemporaryDirectory { directory in
            let store = try SQLiteStore.open(directory: directory)
            let reader = try SQLiteStore.openReadOnly(directory: directory)
            guard case .accepted(let id) = try await store.enqueue([Submission(draft: Self.draft)])[0] else { return }
            #expect(try await reader.message(id)?.draft == Self.draft)
            #expect(try await reader.totals() == [.queued: 1])
            #expect(try await reader.timeline(recipient: "ann", limit: 5).count == 1)
            await store.close()
            #expect(try await reader.history(of: id).count == 1)
            await reader.close()
            let error = await code { _ = try await reader.totals() }
            #expect(error?.code == .closed)
            let missing = await code { _ = try SQLiteStore.openReadOnly(directory: "/tmp/no-such-directory") }
            #expect(missing?.code == .io)
        }
    }

    @Test("An idempotency key whose hash meets another's is no conflict")
    func collision() async throws {
        try await withTemporaryDirectory { directory in
            let store = try SQLiteStore.open(directory: directory)
            let first = Submission(draft: Self.draft, idempotencyKey: "one", requestHash: KeyHash("1"))
            guard case .accepted(let id) = try await store.enqueue([first])[0] else { return }
            // Simulates a constructed collision: the hash is equal, the text is not.
            try await store.writer.perform { core throws(StoreError) in
                try core.cold("UPDATE message SET idempotency_key = 'two' WHERE id = ?").bind(1, id.rawValue).run()
            }
            guard case .accepted = try await store.enqueue([first])[0] else {
                Issue.record("a collision was taken for a replay")
                return
            }
            await store.close()
        }
    }

    private func write(_ text: String, to path: String) {
        let file = fopen(path, "w")
        fputs(text, file)
        fclose(file)
    }
}

/// Blocks a thread until a task opens the gate. `@unchecked Sendable`: a POSIX semaphore may be shared between threads.
private final class DispatchGate: @unchecked Sendable {
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
    init() { sem_init(semaphore, 0, 0) }
    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }
    func wait() { sem_wait(semaphore) }
    func open() { sem_post(semaphore) }
}
