import SobreModel
import SobreStore

extension StoreConformance {
    private static let first = SourcePartition(topic: "orders", partition: 0)
    private static let second = SourcePartition(topic: "orders", partition: 1)

    static let sourcing: [ConformanceCheck] = [
        ConformanceCheck("Messages of a log, its rejected records and its positions are stored together") { test in
            let driver = try await StoreDriver(test)
            try requireEqual(try await driver.store.positions(of: "shop"), [:])
            let batch = makeBatch(
                [message(first, 5, "ann"), reject(second, 0, "cut"), message(second, 1, "bob")],
                [.init(first, from: nil, to: 6), .init(second, from: nil, to: 2)])
            let (results, rejected) = try stored(try await driver.store.enqueue(batch))
            try requireEqual(results.count, 2)
            try requireEqual(rejected, 1)
            let again = try await driver.reopened()
            try requireEqual(try await again.store.positions(of: "shop"), [first: 6, second: 2])
            try requireEqual(try await again.store.positions(of: "other"), [:])
            try requireEqual(try await again.total(.queued), 2)
            for (result, recipient) in zip(results, ["ann", "bob"]) {
                guard case .accepted(let id) = result else { throw ConformanceFailure(description: "\(result)") }
                try requireEqual(try await again.store.message(id)?.recipient, recipient)
            }
            let kept = try await again.store.rejects(ofSource: nil, before: nil, limit: 9)
            try requireEqual(kept.count, 1)
            let record = try requireSome(kept.first)
            try requireEqual(
                record,
                RejectedRecord(
                    sequence: record.sequence, source: "shop", partition: second, offset: 0,
                    rejectedAt: driver.time.now(), problem: RecordProblem(code: "invalid_json", message: "cut"),
                    size: 4_000, bytes: Array("{\"a\"".utf8)))
            try requireEqual(try await again.store.rejectCounts(), ["shop": 1])
            await again.store.close()
        },
        ConformanceCheck("A batch that does not begin at a stored position changes nothing") { test in
            let driver = try await StoreDriver(test)
            _ = try stored(
                try await driver.store.enqueue(makeBatch([message(first, 0, "ann")], [.init(first, from: nil, to: 1)])))
            // Another reader has gone on; this one never knew of it, or knew an earlier position.
            for from in [nil, 0, 2] as [Int64?] {
                let late = makeBatch(
                    [message(second, 0, "bob"), message(first, 7, "cat"), reject(first, 8, "cut")],
                    [.init(second, from: nil, to: 1), .init(first, from: from, to: 9)])
                try requireEqual(try await driver.store.enqueue(late), .moved([first: 1]))
            }
            try requireEqual(try await driver.store.positions(of: "shop"), [first: 1])
            try requireEqual(try await driver.store.rejectCounts(), [:])
            try requireEqual(try await driver.total(.queued), 1)
            // Reading may go back, where the log begins anew.
            _ = try stored(
                try await driver.store.enqueue(makeBatch([message(first, 0, "dan")], [.init(first, from: 1, to: 1)])))
            try requireEqual(try await driver.total(.queued), 2)
            await driver.store.close()
        },
        ConformanceCheck("A record that comes twice is one message, and one rejected record") { test in
            let driver = try await StoreDriver(test)
            var record = message(first, 3, "ann")
            guard case .message(var submission) = record.content else { return }
            submission.idempotencyKey = "shop/orders/0/3"
            submission.requestHash = KeyHash("one")
            record.content = .message(submission)
            let twice = makeBatch([record, reject(first, 4, "cut")], [])
            let (results, _) = try stored(try await driver.store.enqueue(twice))
            guard case .accepted(let id)? = results.first else { throw ConformanceFailure(description: "\(results)") }
            let (repeated, rejected) = try stored(try await driver.store.enqueue(twice))
            try requireEqual(repeated, [.replayed(id)])
            try requireEqual(rejected, 1)
            try requireEqual(try await driver.store.rejectCounts(), ["shop": 1])
            // Another record under the same key is a rejected one, with the words of the caller.
            submission.requestHash = KeyHash("two")
            record.content = .message(submission)
            record.offset = 9
            let (conflict, conflicts) = try stored(try await driver.store.enqueue(makeBatch([record], [])))
            try requireEqual(conflict, [.conflict(id)])
            try requireEqual(conflicts, 1)
            let kept = try await driver.store.rejects(ofSource: "shop", before: nil, limit: 9)
            try requireEqual(kept.map(\.offset), [9, 4])
            try requireEqual(kept.first?.problem, RecordProblem(code: "conflict", message: "\(id)"))
            await driver.store.close()
        },
        ConformanceCheck("The newest rejected records are kept, are listed by source and page, and lapse") { test in
            let driver = try await StoreDriver(test)
            for offset in 0..<Int64(6) {
                var batch = makeBatch([reject(first, offset, "cut")], [])
                batch.source = offset < 4 ? "shop" : "desk"
                batch.maxRejects = 4
                _ = try await driver.store.enqueue(batch)
                driver.time.advance(by: .seconds(60))
            }
            let all = try await driver.store.rejects(ofSource: nil, before: nil, limit: 9)
            try requireEqual(all.map(\.offset), [5, 4, 3, 2])
            let shop = try await driver.store.rejects(ofSource: "shop", before: nil, limit: 9)
            try requireEqual(shop.map(\.offset), [3, 2])
            let page = try await driver.store.rejects(ofSource: nil, before: all[1].sequence, limit: 1)
            try requireEqual(page.map(\.offset), [3])
            try requireEqual(try await driver.store.rejectCounts(), ["shop": 2, "desk": 2])
            // Those of the first four minutes.
            let before = driver.time.now() - .seconds(120)
            try requireEqual(try await driver.store.pruneRejects(before: before, limit: 1), 1)
            try requireEqual(try await driver.store.pruneRejects(before: before, limit: 9), 1)
            try requireEqual(try await driver.store.rejectCounts(), ["desk": 2])
            await driver.store.close()
        },
        ConformanceCheck("Erasing a person removes the rejected records that name it") { test in
            let driver = try await StoreDriver(test)
            var ann = StoreDriver.person()
            ann.aliases = ["anon-1"]
            try await driver.store.put([ann])
            let names = ["ann", "anon-1", "bob", "stranger"]
            let entries = zip(names, Int64(0)...).map { name, offset in
                var entry = reject(first, offset, "cut")
                entry.recipient = .recipient(name)
                return entry
            }
            _ = try await driver.store.enqueue(makeBatch(entries + [reject(first, 9, "cut")], []))
            _ = try await driver.store.erase("ann")
            try requireEqual(try await offsets(driver), [9, 3, 2])
            // Nothing else is stored under this name.
            _ = try await driver.store.erase("stranger")
            try requireEqual(try await offsets(driver), [9, 2])
            await driver.store.close()
        },
    ]

    private static func offsets(_ driver: StoreDriver) async throws -> [Int64] {
        try await driver.store.rejects(ofSource: nil, before: nil, limit: 9).map(\.offset)
    }

    private static func makeBatch(_ entries: [SourceBatch.Entry], _ moves: [SourceBatch.Move]) -> SourceBatch {
        SourceBatch(source: "shop", entries: entries, moves: moves, maxRejects: 100) { id in
            RecordProblem(code: "conflict", message: "\(id)")
        }
    }

    private static func message(
        _ partition: SourcePartition, _ offset: Int64, _ recipient: String
    ) -> SourceBatch.Entry {
        SourceBatch.Entry(
            partition: partition, offset: offset, content: .message(Submission(draft: StoreDriver.draft(recipient))),
            recipient: .recipient(recipient), size: 200, bytes: [])
    }

    private static func reject(_ partition: SourcePartition, _ offset: Int64, _ why: String) -> SourceBatch.Entry {
        SourceBatch.Entry(
            partition: partition, offset: offset, content: .rejected(RecordProblem(code: "invalid_json", message: why)),
            recipient: nil, size: 4_000, bytes: Array("{\"a\"".utf8))
    }

    private static func stored(_ result: SourceResult) throws -> (results: [SubmissionResult], rejected: Int) {
        guard case .stored(let results, let rejected) = result else {
            throw ConformanceFailure(description: "the batch was not stored: \(result)")
        }
        return (results, rejected)
    }
}
