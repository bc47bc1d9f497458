import SobreModel
import SobreStore

extension StoreConformance {
    static let administration: [ConformanceCheck] = [
        ConformanceCheck("The same policy text keeps its version, another gets the next, and each can be read") {
            test in
            let driver = try await StoreDriver(test)
            try requireEqual(try await driver.store.register(policy: "one"), 1)
            try requireEqual(try await driver.store.register(policy: "one"), 1)
            try requireEqual(try await driver.store.register(policy: "two"), 2)
            try requireEqual(try await driver.store.register(policy: "one"), 3)
            try requireEqual(try await driver.store.policy(version: 2), "two")
            try requireEqual(try await driver.store.policy(version: 4), nil)
            await driver.store.close()
        },
        ConformanceCheck("Keys are listed with everything, and a revoked one is gone") { test in
            let driver = try await StoreDriver(test)
            let key = APIKeyRecord(
                id: "k1", label: "shop", hash: [1, 2, 3], scopes: ["enqueue", "read"], createdAt: driver.time.now(),
                expiresAt: driver.time.now() + .seconds(60))
            let other = APIKeyRecord(id: "k2", label: "", hash: [4], scopes: [], createdAt: driver.time.now())
            try await driver.store.add(key: key)
            try await driver.store.add(key: other)
            try requireEqual(try await driver.store.keys(), [key, other])
            try requireEqual(try await driver.store.revoke(key: "k1"), true)
            try requireEqual(try await driver.store.revoke(key: "k1"), false)
            try requireEqual(try await driver.store.keys(), [other])
            await driver.store.close()
        },
        ConformanceCheck("Pruning removes old final messages with their traces, at most the limit, never what waits") {
            test in
            let driver = try await StoreDriver(test)
            let submission = Submission(
                draft: StoreDriver.draft("ann"), idempotencyKey: "k", requestHash: KeyHash("one"))
            _ = try await driver.store.enqueue([submission])
            let ids = try await driver.enqueue(
                StoreDriver.draft("ann"), StoreDriver.draft("ann"), StoreDriver.draft("ann"))
            for _ in 0..<3 { try await driver.record(driver.start(), .sent, .sent) }
            driver.time.advance(by: .seconds(100))
            let cutoff = driver.time.now()
            let young = try await driver.enqueue(StoreDriver.draft("ann"))[0]
            func prune(_ limit: Int) async throws -> Int {
                try await driver.store.prune(
                    messagesBefore: cutoff, ledgerBefore: .distantPast, idempotencyBefore: cutoff, limit: limit)
            }
            try requireEqual(try await prune(2), 2)
            try requireEqual(try await prune(10), 1)
            // Messages with waiting deliveries were skipped, and stay skipped once the scan starts over.
            try requireEqual(try await prune(10) + prune(10), 0)
            try requireEqual(
                try await driver.store.timeline(recipient: "ann", limit: 9).map(\.message.id), [young, ids[2]])
            try requireEqual(try await driver.store.history(of: ids[0]), [])
            try requireEqual(try await driver.store.totals(), [.queued: 2])
            try requireEqual(try await driver.facts().ledger.count, 3)
            guard case .accepted = try await driver.store.enqueue([submission])[0] else {
                throw ConformanceFailure(description: "a forgotten key still replays")
            }
            try requireEqual(try await driver.claim().map(\.message.id).prefix(2), [ids[2], young])
            await driver.store.close()
        },
        ConformanceCheck(
            "Pruning keeps a message until its key may be forgotten, and keys longer than the key's time not"
        ) {
            test in
            let driver = try await StoreDriver(test)
            let submission = Submission(
                draft: StoreDriver.draft("ann"), idempotencyKey: "k", requestHash: KeyHash("one"))
            guard case .accepted(let id) = try await driver.store.enqueue([submission])[0] else { return }
            try await driver.record(driver.start(), .sent, .sent)
            driver.time.advance(by: .seconds(100))
            let now = driver.time.now()
            try await driver.enqueue(StoreDriver.draft("last"))
            try requireEqual(
                try await driver.store.prune(
                    messagesBefore: now, ledgerBefore: .distantPast, idempotencyBefore: .distantPast, limit: 9), 0)
            try requireEqual(try await driver.store.enqueue([submission]), [.replayed(id)])
            try requireEqual(
                try await driver.store.prune(
                    messagesBefore: .distantPast, ledgerBefore: .distantPast, idempotencyBefore: now, limit: 9), 0)
            guard case .accepted(let second) = try await driver.store.enqueue([submission])[0] else {
                throw ConformanceFailure(description: "a forgotten key still replays")
            }
            try require(second > id)
            try require(try await driver.store.message(id) != nil)
            await driver.store.close()
        },
        ConformanceCheck("Pruning the ledger removes contacts before the time, never later or open ones") { test in
            let driver = try await StoreDriver(test)
            try await driver.enqueue(StoreDriver.draft(), StoreDriver.draft(), StoreDriver.draft(), StoreDriver.draft())
            try await driver.record(driver.start(), .sent, .sent)
            try await driver.record(driver.start(), .notSent, .failed)
            driver.time.advance(by: .seconds(100))
            let cutoff = driver.time.now()
            try await driver.record(driver.start(), .sent, .sent)
            _ = try await driver.start()
            func prune(_ before: Instant) async throws {
                _ = try await driver.store.prune(
                    messagesBefore: .distantPast, ledgerBefore: before, idempotencyBefore: .distantPast, limit: 9)
            }
            try await prune(cutoff)
            try requireEqual(try await driver.facts().ledger.map(\.state), [.committed, .reserved])
            try await prune(.distantFuture)
            try requireEqual(try await driver.facts().ledger.map(\.state), [.reserved])
            let again = try await driver.reopened()
            try requireEqual(try await again.facts().ledger.map(\.state), [.reserved])
            await again.store.close()
        },
        ConformanceCheck("A store that can write says so") { test in
            let driver = try await StoreDriver(test)
            try await driver.store.checkWritable()
            try requireEqual(try await driver.store.nextDueAt(), nil)
            await driver.store.close()
        },
    ]
}
