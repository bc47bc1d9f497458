import Logging
import SobreDispatch
import SobreModel
import SobreSQLite
import SobreSettings
import SobreStore
import Testing

@Suite("Receipts that are applied once more") struct ReceiptReplayTests {
    private func processor(_ bench: DispatchBench, batch: Int = 100) -> ReceiptProcessor {
        var limits = ReceiptLimits()
        limits.batch = batch
        return ReceiptProcessor(
            store: bench.store, policy: ReceiptPolicy { _, at in Int(at.milliseconds / 3_600_000 % 168) },
            limits: limits, time: bench.time, logger: Logger(label: "replay-test"))
    }

    private func receipt(
        _ kind: Receipt.Kind, _ id: MessageID, event: String, provider: String = "mail"
    ) -> Receipt {
        Receipt(
            provider: provider, eventID: event, delivery: id.delivery(0), kind: kind, at: DispatchBench.start,
            isSigned: true)
    }

    /// Replays all parts.
    private func replay(
        _ bench: DispatchBench, _ filter: ReceiptFilter = ReceiptFilter(), batch: Int = 100, isDryRun: Bool = false
    ) async throws -> [Int] {
        let processor = processor(bench, batch: batch)
        var total = ReceiptReplay()
        total.last = 0
        while let last = total.last { total.add(try await processor.replay(filter, after: last, isDryRun: isDryRun)) }
        return [total.examined, total.applied, total.unchanged, total.unmatched]
    }

    /// Receipts of a message that is unknown until it is enqueued: lapsed ones, with one that is ignored.
    private func lapsed(_ bench: DispatchBench) async throws -> MessageID {
        // Ids follow from the clock, so a second store gives the same one to the same message.
        let id = MessageID(rawValue: (try await bench.enqueue()).rawValue)
        _ = try await bench.store.append(
            [
                receipt(.delivered, id, event: "1"), receipt(.opened, id, event: "2"),
                receipt(.opened, id, event: "3", provider: "other"),
            ], maxWaiting: 100)
        try await processor(bench).processOnce()
        return id
    }

    @Test func `What waited for its message is applied when it is known, once, and a dry run changes nothing`()
        async throws
    {
        let mail = ScriptedProvider("mail", .email, .accepted)
        try await DispatchBench.run(mail) { bench in
            // The receipts come before the message was sent, and are ignored.
            let id = try await lapsed(bench)
            #expect(try await bench.store.receiptTotals() == [.ignored: 3])
            try await bench.work()
            #expect(try await bench.last(id).state == .sent)
            // The third is signed by a provider that was not given the message.
            #expect(try await replay(bench, isDryRun: true) == [3, 2, 1, 0])
            #expect(try await bench.last(id).state == .sent)
            #expect(try await bench.store.receiptTotals() == [.ignored: 3])
            #expect(try await bench.store.engagement(of: "ann").own == .none)

            #expect(try await replay(bench, batch: 1) == [3, 2, 1, 0])
            #expect(try await bench.last(id).state == .opened)
            #expect(try await bench.store.receiptTotals() == [.applied: 2, .ignored: 1])
            let own = try await bench.store.engagement(of: "ann").own
            #expect(own[.email] == .init(delivered: 1, opened: 1))
            let entries = try await bench.store.history(of: id).count

            #expect(try await replay(bench) == [3, 0, 3, 0])
            #expect(try await bench.store.engagement(of: "ann").own == own)
            #expect(try await bench.store.history(of: id).count == entries)
        }
    }

    @Test func `Of unknown messages, receipts stay as they are`() async throws {
        try await DispatchBench.run(ScriptedProvider("mail", .email, .accepted)) { bench in
            let id = MessageID(rawValue: 1 << 40)
            _ = try await bench.store.append([receipt(.delivered, id, event: "1")], maxWaiting: 100)
            bench.time.advance(by: .seconds(2 * 86_400))
            _ = try await bench.store.append([receipt(.opened, id, event: "2")], maxWaiting: 100)
            try await processor(bench).processOnce()
            #expect(try await bench.store.receiptTotals() == [.lapsed: 1, .waiting: 1])
            let unmatched = ReceiptFilter(isUnmatched: true)
            #expect(try await bench.store.receipts(matching: unmatched, limit: 10).count == 2)
            #expect(try await replay(bench, unmatched) == [2, 0, 0, 2])
            #expect(try await bench.store.receiptTotals() == [.lapsed: 1, .waiting: 1])
        }
    }

    @Test func `A filter finds receipts by message, number, provider, time and standing`() async throws {
        try await DispatchBench.run(ScriptedProvider("mail", .email, .accepted)) { bench in
            let first = try await bench.enqueue()
            try await bench.work()
            let second = try await bench.enqueue(category: "transactional")
            try await bench.work()
            _ = try await bench.store.append(
                [receipt(.delivered, first, event: "1"), receipt(.delivered, second, event: "2")], maxWaiting: 100)
            bench.time.advance(by: .seconds(60))
            _ = try await bench.store.append([receipt(.opened, first, event: "3", provider: "other")], maxWaiting: 100)
            func events(_ filter: ReceiptFilter) async throws -> [String] {
                let rows = try await bench.store.receipts(matching: filter, limit: 10)
                #expect(try await bench.store.receiptCount(matching: filter) == rows.count)
                return rows.compactMap(\.receipt.eventID).reversed()
            }
            let minute = DispatchBench.start + .seconds(30)
            #expect(try await events(ReceiptFilter()) == ["1", "2", "3"])
            #expect(try await events(ReceiptFilter(message: first)) == ["1", "3"])
            #expect(try await events(ReceiptFilter(message: first, provider: "mail")) == ["1"])
            #expect(try await events(ReceiptFilter(provider: "other")) == ["3"])
            #expect(try await events(ReceiptFilter(since: minute)) == ["3"])
            #expect(try await events(ReceiptFilter(until: minute)) == ["1", "2"])
            let ids = try await bench.store.receipts(matching: ReceiptFilter(provider: "mail"), limit: 10).map(\.id)
            #expect(try await events(ReceiptFilter(ids: ids, until: minute)) == ["1", "2"])
            try await processor(bench).processOnce()
            #expect(try await events(ReceiptFilter(isUnmatched: true)) == [])
        }
    }
}
