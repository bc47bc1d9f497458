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
        ConformanceCheck("The store's ids and times and the log grow over a restart, also when the clock went back") {
            test in
            let driver = try await StoreDriver(test)
            let first = try await driver.enqueue(StoreDriver.draft())[0]
            let admitted = try await driver.start()
            let end = try await driver.store.log(LogQuery(limit: 0)).end
            driver.time.advance(by: .seconds(-86_400))
            let again = try await driver.reopened()
            let second = try await again.enqueue(StoreDriver.draft())[0]
            try require(second > first)
            let next = try await again.start()
            try require(next.ledgerID > admitted.ledgerID)
            try require(next.admittedAt >= admitted.admittedAt)
            let later = try await again.store.log(LogQuery(direction: .forward(after: end))).rows
            try requireEqual(later.map(\.entry.delivery.message), [second, second])
            let all = try await again.logForward(limit: 10).map(\.entry.sequence)
            try requireEqual(all, all.sorted())
            try requireEqual(Set(all).count, 4)
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
