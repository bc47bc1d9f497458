import SobreModel
import SobreStore

extension StoreConformance {
    static let claiming: [ConformanceCheck] = [
        ConformanceCheck("A claim of urgent messages leaves the others to later claims") { test in
            let driver = try await StoreDriver(test)
            try await driver.enqueue(
                StoreDriver.draft(priority: .normal), StoreDriver.draft(priority: .high),
                StoreDriver.draft(priority: .low), StoreDriver.draft(priority: .critical))
            let urgent = try await driver.store.claim(
                limit: 10, lease: StoreDriver.lease, channels: StoreDriver.all, least: .high)
            try requireEqual(urgent.map(\.message.draft.priority), [.critical, .high])
            let rest = try await driver.claim()
            try requireEqual(rest.map(\.message.draft.priority), [.normal, .low])
        },
        ConformanceCheck("A person's claims come by priority, then due time, then id, over all channels") { test in
            let driver = try await StoreDriver(test)
            let first = try await driver.enqueue(
                StoreDriver.draft(priority: .low), StoreDriver.draft(channels: [.email]),
                StoreDriver.draft(channels: [.sms]))
            driver.time.advance(by: .milliseconds(1))
            let second = try await driver.enqueue(
                StoreDriver.draft(channels: [.email]), StoreDriver.draft(channels: [.push], priority: .high),
                StoreDriver.draft(priority: .critical))
            let claimed = try await driver.claim(4) + driver.claim(10)
            try requireEqual(
                claimed.map(\.claim.delivery.message), [second[2], second[1], first[1], first[2], second[0], first[0]])
            await driver.store.close()
        },
        ConformanceCheck("A claim brings the message and the profile; nobody by the id gives no profile") { test in
            let driver = try await StoreDriver(test)
            try await driver.store.put([StoreDriver.person("ann")])
            try await driver.enqueue(StoreDriver.draft("ann"), StoreDriver.draft("nobody"))
            let claimed = try await driver.claim().sorted { $0.message.recipient < $1.message.recipient }
            try requireEqual(claimed.map(\.profile), [StoreDriver.person("ann"), nil])
            try requireEqual(claimed.map(\.message.draft), [StoreDriver.draft("ann"), StoreDriver.draft("nobody")])
            try requireEqual(claimed.map(\.attempts), [0, 0])
            await driver.store.close()
        },
        ConformanceCheck("Only deliveries that begin on one of the channels are claimed") { test in
            let driver = try await StoreDriver(test)
            let ids = try await driver.enqueue(
                StoreDriver.draft(channels: [.email, .sms]), StoreDriver.draft(channels: [.sms, .email]))
            try requireEqual(try await driver.claim(channels: []).count, 0)
            try requireEqual(try await driver.claim(channels: [.sms, .push]).map(\.claim.delivery.message), [ids[1]])
            try requireEqual(try await driver.claim(channels: [.email]).map(\.claim.delivery.message), [ids[0]])
            await driver.store.close()
        },
        ConformanceCheck("What is claimed is not claimed again until its lease runs out, then under a higher epoch") {
            test in
            let driver = try await StoreDriver(test)
            try await driver.enqueue(StoreDriver.draft())
            let first = try await driver.claim()
            try requireEqual(try await driver.claim().count, 0)
            try requireEqual(try await driver.store.depth(), QueueDepth(waiting: 1, claimed: 1, inFlight: 0))
            driver.time.advance(by: StoreDriver.lease)
            let second = try await driver.claim()
            try requireEqual(second.map(\.claim.delivery), first.map(\.claim.delivery))
            try require(second[0].claim.epoch > first[0].claim.epoch)
            guard case .stale = try await driver.admit(first)[0] else {
                throw ConformanceFailure(description: "a stale claim was admitted")
            }
            try requireEqual(
                try await driver.store.settle([ClaimTransition(claim: first[0].claim, change: DeliveryChange(.dropped))]
                ), [false])
            guard case .admitted = try await driver.admit(second)[0] else {
                throw ConformanceFailure(description: "the valid claim was not admitted")
            }
            await driver.store.close()
        },
        ConformanceCheck("What is given back is due at once under a higher epoch; stale claims are ignored") { test in
            let driver = try await StoreDriver(test)
            let ids = try await driver.enqueue(StoreDriver.draft(), StoreDriver.draft())
            let first = try await driver.claim(1)
            await driver.store.giveBack(first.map(\.claim))
            let second = try await driver.claim(1)
            try requireEqual(second.map(\.claim.delivery), first.map(\.claim.delivery))
            try require(second[0].claim.epoch > first[0].claim.epoch)
            await driver.store.giveBack(first.map(\.claim))
            try requireEqual(try await driver.claim().map(\.message.id), [ids[1]])
            await driver.store.close()
        },
        ConformanceCheck("Many tasks that claim at once never get the same delivery") { test in
            let driver = try await StoreDriver(test)
            _ = try await driver.store.enqueue((0..<200).map { Submission(draft: StoreDriver.draft("p\($0)")) })
            let claims = try await withThrowingTaskGroup(of: [DeliveryID].self) { group in
                for _ in 0..<16 { group.addTask { try await driver.claim(20).map(\.claim.delivery) } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            try requireEqual(claims.count, 200)
            try requireEqual(Set(claims).count, 200)
            await driver.store.close()
        },
        ConformanceCheck("Whoever waits for work is woken by a new message, by one given back, and by its time") {
            test in
            let driver = try await StoreDriver(test)
            try requireEqual(try await driver.claim().count, 0)
            async let woken: Void = driver.store.waitForWork(atMost: .seconds(60))
            try await driver.enqueue(StoreDriver.draft())
            await woken
            let claimed = try await driver.claim()
            async let wokenAgain: Void = driver.store.waitForWork(atMost: .seconds(60))
            await driver.store.giveBack(claimed.map(\.claim))
            await wokenAgain
            _ = try await driver.claim()
            try await driver.enqueue(StoreDriver.draft(sendAt: driver.time.now() + .seconds(30)))
            async let wokenByTime: Void = driver.store.waitForWork(atMost: .seconds(60))
            driver.time.advance(by: .seconds(30))
            await test.poke(driver.store)
            await wokenByTime
            try requireEqual(try await driver.claim().count, 1)
            await driver.store.waitForWork(atMost: .zero)
            await driver.store.close()
        },
    ]
}
