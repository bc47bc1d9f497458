import SobreModel
import SobreStore

extension StoreConformance {
    static let restarting: [ConformanceCheck] = [
        ConformanceCheck("After a restart waiting deliveries wait, leases are free and their claims are stale") {
            test in
            let driver = try await StoreDriver(test)
            try await driver.enqueue(
                StoreDriver.draft("a"), StoreDriver.draft("b", sendAt: driver.time.now() + .seconds(60)))
            let claimed = try await driver.claim()
            let again = try await driver.reopened()
            try requireEqual(try await again.store.depth(), QueueDepth(waiting: 2, claimed: 0, inFlight: 0))
            guard case .stale = try await again.admit(claimed)[0] else {
                throw ConformanceFailure(description: "a claim outlived its process")
            }
            let second = try await again.claim()
            try requireEqual(second.map(\.message.recipient), ["a"])
            try require(second[0].claim.epoch > claimed[0].claim.epoch)
            await again.store.close()
        },
        ConformanceCheck("After a restart open attempts are overdue at once, still count, and can be recorded") {
            test in
            let driver = try await StoreDriver(test)
            try await driver.enqueue(StoreDriver.draft(), StoreDriver.draft())
            let sent = try await driver.start()
            try await driver.record(sent, .sent, .sent)
            let admitted = try await driver.start()
            let again = try await driver.reopened()
            try requireEqual(try await again.store.overdueAttempts(limit: 10).map(\.ledgerID), [admitted.ledgerID])
            try requireEqual(try await again.facts().ledger.map(\.state), [.committed, .reserved])
            try requireEqual(try await again.record(admitted, .unknown, .unknown), true)
            try requireEqual(try await again.record(sent, .unknown, .unknown), false)
            try requireEqual(try await again.store.overdueAttempts(limit: 10).count, 0)
            try requireEqual(try await again.facts().ledger.map(\.state), [.committed, .committed])
            let third = try await again.reopened()
            try requireEqual(try await third.facts().ledger.map(\.state), [.committed, .committed])
            try requireEqual(try await third.store.totals(), [.sent: 1, .unknown: 1])
            await third.store.close()
        },
        ConformanceCheck("Ids, sequence numbers and times grow over a restart, also when the clock went back") { test in
            let driver = try await StoreDriver(test)
            let first = try await driver.enqueue(StoreDriver.draft())[0]
            let admitted = try await driver.start()
            driver.time.advance(by: .seconds(-86_400))
            let again = try await driver.reopened()
            let second = try await again.enqueue(StoreDriver.draft())[0]
            try require(second > first)
            let next = try await again.start()
            try require(next.ledgerID > admitted.ledgerID)
            try require(next.admittedAt >= admitted.admittedAt)
            let entries = try await again.store.log(LogQuery(direction: .after(0)))
            try requireEqual(entries.map(\.entry.sequence), [1, 2, 3, 4])
            await again.store.close()
        },
        ConformanceCheck("Profiles, suppressions, policies and keys outlive a restart") { test in
            let driver = try await StoreDriver(test)
            try await driver.store.put([StoreDriver.person()])
            let suppression = Suppression(
                subject: .recipient("ann"), label: "ann", reason: .complaint, source: "api", at: driver.time.now())
            try await driver.store.suppress([suppression])
            try requireEqual(try await driver.store.register(policy: "a: 1"), 1)
            let again = try await driver.reopened()
            let facts = try await again.facts()
            try requireEqual(facts.profile, StoreDriver.person())
            try requireEqual(facts.suppressions, [suppression])
            try requireEqual(try await again.store.register(policy: "a: 2"), 2)
            await again.store.close()
        },
        ConformanceCheck("A closed store refuses every call, and closing twice is harmless") { test in
            let driver = try await StoreDriver(test)
            await driver.store.close()
            await driver.store.close()
            do {
                try await driver.enqueue(StoreDriver.draft())
                throw ConformanceFailure(description: "a closed store accepted a message")
            } catch let error as StoreError {
                try requireEqual(error.code, .closed)
            }
            await driver.store.waitForWork(atMost: .seconds(60))
        },
        ConformanceCheck("Closing ends every wait for work") { test in
            let driver = try await StoreDriver(test)
            _ = try await driver.claim()
            async let woken: Void = driver.store.waitForWork(atMost: .seconds(600))
            await driver.store.close()
            await woken
        },
    ]
}
