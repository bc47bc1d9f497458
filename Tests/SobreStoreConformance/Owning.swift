import SobreModel
import SobreStore
import Synchronization

extension StoreConformance {
    static let owning: [ConformanceCheck] = [
        ConformanceCheck("Each opening is an incarnation of its own, and what it admits belongs to it") { test in
            let driver = try await StoreDriver(test)
            let first = driver.store.incarnation
            try await driver.enqueue(StoreDriver.draft())
            try requireEqual(try await driver.start().owner, first)
            let second = try await driver.reopened()
            let third = try await second.reopened()
            try requireEqual(Set([first, second.store.incarnation, third.store.incarnation]).count, 3)
            await third.store.close()
        },
        ConformanceCheck("Open attempts are overdue once their owner is proven gone, still count, and can be recorded")
        {
            test in
            let driver = try await StoreDriver(test)
            try await driver.enqueue(StoreDriver.draft(), StoreDriver.draft())
            let sent = try await driver.start()
            try await driver.record(sent, .sent, .sent)
            let admitted = try await driver.start()
            let again = try await driver.reopened()
            again.time.advance(by: test.proofTime)
            let overdue = try await again.store.overdueAttempts(limit: 10)
            try requireEqual(overdue.map(\.ledgerID), [admitted.ledgerID])
            try requireEqual(overdue[0].owner, admitted.owner)
            try require(overdue[0].owner != again.store.incarnation)
            try requireEqual(try await again.facts().ledger.map(\.state), [.committed, .reserved])
            try requireEqual(try await again.record(admitted, .unknown, .unknown), true)
            try requireEqual(try await again.record(sent, .unknown, .unknown), false)
            try requireEqual(try await again.store.overdueAttempts(limit: 10).count, 0)
            let ledger = try await again.facts().ledger
            try requireEqual(ledger.map(\.state), [.committed, .committed])
            // The provider may have accepted the message for as long as the call could last.
            try require((ledger[1].committedAt ?? .distantPast) >= admitted.deadline)
            let third = try await again.reopened()
            try requireEqual(try await third.facts().ledger.map(\.state), [.committed, .committed])
            try requireEqual(try await third.store.totals(), [.sent: 1, .unknown: 1])
            await third.store.close()
        },
        ConformanceCheck("Nothing is decided under a version of the policy when a newer one is committed") { test in
            let driver = try await StoreDriver(test)
            try requireEqual(try await driver.store.register(policy: "one"), 1)
            let ids = try await driver.enqueue(StoreDriver.draft(), StoreDriver.draft("bob"))
            let claimed = try await driver.claim()
            try requireEqual(try await driver.store.register(policy: "two"), 2)
            let isCalled = Mutex(false)
            let refused = try await driver.admit(claimed, policyVersion: 1) { request, facts, now in
                isCalled.withLock { $0 = true }
                return StoreDriver.send(request, facts, now)
            }
            for result in refused {
                guard case .policyChanged(newest: 2) = result else {
                    throw ConformanceFailure(description: "decided under an older version: \(result)")
                }
            }
            try require(!isCalled.withLock { $0 })
            try requireEqual(try await driver.store.policy(version: 2), "two")
            for id in ids { try requireEqual(try await driver.store.history(of: id).map(\.state), [.queued]) }
            // The claims are unchanged.
            for result in try await driver.admit(claimed, policyVersion: 2) {
                guard case .admitted = result else { throw ConformanceFailure(description: "\(result)") }
            }
            // An equal text keeps its version.
            try requireEqual(try await driver.store.register(policy: "two"), 2)
            try await driver.enqueue(StoreDriver.draft())
            guard case .admitted = try await driver.admit(driver.claim(), policyVersion: 2)[0] else {
                throw ConformanceFailure(description: "a version that is in force was refused")
            }
            await driver.store.close()
        },
        ConformanceCheck("However many decide meanwhile, none does under an older version than is committed") { test in
            let driver = try await StoreDriver(test)
            try await driver.holdsPolicyVersion(registeredBy: driver)
            await driver.store.close()
        },
        ConformanceCheck("A person's deliveries are claimed and decided in their order, whatever comes between") {
            test in
            let driver = try await StoreDriver(test)
            var ids: [MessageID] = []
            for number in 0..<30 { ids += try await driver.enqueue(StoreDriver.draft("p\(number % 3)")) }
            let claimed = try await driver.claim(30)
            let decided = Mutex<[DeliveryID]>([])
            _ = try await driver.admit(claimed) { request, facts, now in
                decided.withLock { seen in
                    // A retried transaction decides again.
                    if !seen.contains(request.delivery) { seen.append(request.delivery) }
                }
                return StoreDriver.send(request, facts, now)
            }
            for person in 0..<3 {
                let own = ids.enumerated().filter { $0.offset % 3 == person }.map { $0.element.delivery(0) }
                try requireEqual(claimed.map(\.claim.delivery).filter(own.contains), own)
                try requireEqual(decided.withLock { $0 }.filter(own.contains), own)
            }
            await driver.store.close()
        },
    ]
}

extension StoreDriver {
    /// Decides under version 1 from many tasks while version 2 is committed through `other`.
    func holdsPolicyVersion(registeredBy other: StoreDriver) async throws {
        try requireEqual(try await store.register(policy: "one"), 1)
        let watch = PolicyWatch()
        let isRefused = try await withThrowingTaskGroup(of: Bool.self) { group in
            for task in 0..<8 {
                group.addTask {
                    // Bounded, because a store that never refuses would be called forever.
                    for round in 0..<10_000 {
                        try await enqueue(Self.draft("p\(task)-\(round)"))
                        let claimed = try await claim(3)
                        if claimed.isEmpty { continue }
                        let results = try await admit(claimed, policyVersion: 1) { request, facts, now in
                            if watch.isCommitted.withLock({ $0 }) { watch.late.withLock { $0 += 1 } }
                            return Self.send(request, facts, now)
                        }
                        if case .policyChanged(newest: 2) = results[0] { return true }
                    }
                    return false
                }
            }
            group.addTask {
                while try await other.total(.attempting) < 20 { await Task.yield() }
                try requireEqual(try await other.store.register(policy: "two"), 2)
                watch.isCommitted.withLock { $0 = true }
                return true
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        try requireEqual(isRefused, Array(repeating: true, count: 9))
        try requireEqual(watch.late.withLock { $0 }, 0)
    }
}

/// Shared state of tasks that watch for a newer policy version.
private final class PolicyWatch: Sendable {
    let isCommitted = Mutex(false)
    /// Decisions made under the older version after the newer one was committed.
    let late = Mutex(0)
}
