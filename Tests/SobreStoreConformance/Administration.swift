import SobreModel
import SobreStore

extension StoreConformance {
    static let administration: [ConformanceCheck] = [
        ConformanceCheck("The same policy text keeps its version, another gets the next, and each can be read") {
            test in
            let line = try await Line(test)
            try requireEqual(try await line.store.register(policy: "one"), 1)
            try requireEqual(try await line.store.register(policy: "one"), 1)
            try requireEqual(try await line.store.register(policy: "two"), 2)
            try requireEqual(try await line.store.register(policy: "one"), 3)
            try requireEqual(try await line.store.policy(version: 2), "two")
            try requireEqual(try await line.store.policy(version: 4), nil)
            await line.store.close()
        },
        ConformanceCheck("Keys are listed with everything, and a revoked one is gone") { test in
            let line = try await Line(test)
            let key = APIKeyRecord(
                id: "k1", label: "shop", hash: [1, 2, 3], scopes: ["enqueue", "read"], createdAt: line.time.now(),
                expiresAt: line.time.now() + .seconds(60))
            let other = APIKeyRecord(id: "k2", label: "", hash: [4], scopes: [], createdAt: line.time.now())
            try await line.store.add(key: key)
            try await line.store.add(key: other)
            try requireEqual(try await line.store.keys(), [key, other])
            try requireEqual(try await line.store.revoke(key: "k1"), true)
            try requireEqual(try await line.store.revoke(key: "k1"), false)
            try requireEqual(try await line.store.keys(), [other])
            await line.store.close()
        },
        ConformanceCheck("Pruning removes old final messages with their traces, at most the limit, never what waits") {
            test in
            let line = try await Line(test)
            let submission = Submission(draft: Line.draft("ann"), idempotencyKey: "k", requestHash: Symbol("one"))
            _ = try await line.store.enqueue([submission])
            let ids = try await line.enqueue(Line.draft("ann"), Line.draft("ann"), Line.draft("ann"))
            for _ in 0..<3 { try await line.record(line.start(), .sent, .sent) }
            line.time.advance(by: .seconds(100))
            let cutoff = line.time.now()
            let young = try await line.enqueue(Line.draft("ann"))[0]
            func prune(_ limit: Int) async throws -> Int {
                try await line.store.prune(
                    messagesBefore: cutoff, ledgerBefore: .distantPast, idempotencyBefore: cutoff, limit: limit)
            }
            try requireEqual(try await prune(2), 2)
            try requireEqual(try await prune(10), 1)
            // What waits was passed over; the second time round it still is.
            try requireEqual(try await prune(10) + prune(10), 0)
            try requireEqual(
                try await line.store.timeline(recipient: "ann", limit: 9).map(\.message.id), [young, ids[2]])
            try requireEqual(try await line.store.history(of: ids[0]), [])
            try requireEqual(try await line.store.totals(), [.queued: 2])
            try requireEqual(try await line.facts().ledger.count, 3)
            guard case .accepted = try await line.store.enqueue([submission])[0] else {
                throw ConformanceFailure(description: "a forgotten key still replays")
            }
            try requireEqual(try await line.claim().map(\.message.id).prefix(2), [ids[2], young])
            await line.store.close()
        },
        ConformanceCheck(
            "Pruning keeps a message until its key may be forgotten, and keys longer than the key's time not"
        ) {
            test in
            let line = try await Line(test)
            let submission = Submission(draft: Line.draft("ann"), idempotencyKey: "k", requestHash: Symbol("one"))
            guard case .accepted(let id) = try await line.store.enqueue([submission])[0] else { return }
            try await line.record(line.start(), .sent, .sent)
            line.time.advance(by: .seconds(100))
            let now = line.time.now()
            try await line.enqueue(Line.draft("last"))
            try requireEqual(
                try await line.store.prune(
                    messagesBefore: now, ledgerBefore: .distantPast, idempotencyBefore: .distantPast, limit: 9), 0)
            try requireEqual(try await line.store.enqueue([submission]), [.replayed(id)])
            try requireEqual(
                try await line.store.prune(
                    messagesBefore: .distantPast, ledgerBefore: .distantPast, idempotencyBefore: now, limit: 9), 0)
            guard case .accepted(let second) = try await line.store.enqueue([submission])[0] else {
                throw ConformanceFailure(description: "a forgotten key still replays")
            }
            try require(second > id)
            try require(try await line.store.message(id) != nil)
            await line.store.close()
        },
        ConformanceCheck("Pruning the ledger removes contacts before the time, never later or open ones") { test in
            let line = try await Line(test)
            try await line.enqueue(Line.draft(), Line.draft(), Line.draft(), Line.draft())
            try await line.record(line.start(), .sent, .sent)
            try await line.record(line.start(), .notSent, .failed)
            line.time.advance(by: .seconds(100))
            let cutoff = line.time.now()
            try await line.record(line.start(), .sent, .sent)
            _ = try await line.start()
            func prune(_ before: Instant) async throws {
                _ = try await line.store.prune(
                    messagesBefore: .distantPast, ledgerBefore: before, idempotencyBefore: .distantPast, limit: 9)
            }
            try await prune(cutoff)
            try requireEqual(try await line.facts().ledger.map(\.state), [.spent, .open])
            try await prune(.distantFuture)
            try requireEqual(try await line.facts().ledger.map(\.state), [.open])
            let again = try await line.reopened()
            try requireEqual(try await again.facts().ledger.map(\.state), [.open])
            await again.store.close()
        },
        ConformanceCheck("A store that can write says so") { test in
            let line = try await Line(test)
            try await line.store.checkWritable()
            try requireEqual(try await line.store.nextDueAt(), nil)
            await line.store.close()
        },
    ]
}
