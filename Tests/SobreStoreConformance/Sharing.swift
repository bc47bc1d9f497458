import SobreModel
import SobreStore

extension StoreConformance {
    static let sharing: [ConformanceCheck] = [
        ConformanceCheck("A live node's attempts are neither overdue to another nor recorded by it") { test in
            let one = try await StoreDriver(test)
            let other = try await one.joined()
            try require(one.store.incarnation != other.store.incarnation)
            try await one.enqueue(StoreDriver.draft())
            let admitted = try await one.start()
            try requireEqual(admitted.owner, one.store.incarnation)
            one.time.advance(by: StoreDriver.attemptTimeout)
            try requireEqual(try await other.store.overdueAttempts(limit: 10).count, 0)
            try requireEqual(try await other.record(admitted, .unknown, .unknown), false)
            try requireEqual(try await one.state(admitted.delivery), .attempting)
            let overdue = try await one.store.overdueAttempts(limit: 10)
            try requireEqual(overdue.map(\.ledgerID), [admitted.ledgerID])
            try requireEqual(overdue.map(\.owner), [one.store.incarnation])
            // The owner of an overdue attempt may still record its outcome.
            try requireEqual(try await one.record(admitted, .sent, .sent), true)
            await other.store.close()
            await one.store.close()
        },
        ConformanceCheck("When a node is gone another follows, and what the first learns afterwards changes nothing") {
            test in
            let one = try await StoreDriver(test)
            let other = try await one.joined()
            try await one.enqueue(StoreDriver.draft(), StoreDriver.draft())
            let admitted = try await one.start()
            _ = try await one.claim()
            await one.store.close()
            other.time.advance(by: max(test.proofTime, StoreDriver.lease))
            let overdue = try await other.store.overdueAttempts(limit: 10)
            try requireEqual(overdue.map(\.ledgerID), [admitted.ledgerID])
            try requireEqual(overdue.map(\.owner), [admitted.owner])
            try requireEqual(try await other.record(admitted, .unknown, .unknown), true)
            try requireEqual(try await other.record(admitted, .sent, .sent), false)
            // The lease of the claim has expired.
            try requireEqual(try await other.claim().count, 1)
            await other.store.close()
        },
        ConformanceCheck("Nodes that claim at once never get the same delivery, and one's epoch is stale at the other")
        {
            test in
            let one = try await StoreDriver(test)
            let other = try await one.joined()
            _ = try await one.store.enqueue((0..<200).map { Submission(draft: StoreDriver.draft("p\($0)")) })
            let claims = try await withThrowingTaskGroup(of: [Claim].self) { group in
                for task in 0..<16 {
                    group.addTask { try await (task % 2 == 0 ? one : other).claim(20).map(\.claim) }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            try requireEqual(claims.count, 200)
            try requireEqual(Set(claims.map(\.delivery)).count, 200)
            one.time.advance(by: StoreDriver.lease)
            let again = try await other.claim(200)
            try requireEqual(again.count, 200)
            let stale = claims.filter { claim in again.contains { $0.claim.delivery == claim.delivery } }
            let results = try await one.store.settle(
                stale.map { ClaimTransition(claim: $0, change: DeliveryChange(.dropped)) })
            try require(!results.contains(true))
            await other.store.close()
            await one.store.close()
        },
        ConformanceCheck("A cap holds exactly under sixteen tasks of two nodes") { test in
            let one = try await StoreDriver(test)
            let other = try await one.joined()
            try await one.store.put((0..<10).map { StoreDriver.person("p\($0)") })
            _ = try await one.store.enqueue((0..<400).map { Submission(draft: StoreDriver.draft("p\($0 % 10)")) })
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<16 {
                    let node = task % 2 == 0 ? one : other
                    group.addTask {
                        while true {
                            let claimed = try await node.claim(7)
                            if claimed.isEmpty { return }
                            for result in try await node.admit(claimed, StoreDriver.atMost(3)) {
                                if case .admitted(let attempt) = result { try await node.record(attempt, .sent, .sent) }
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            try requireEqual(try await other.store.totals(), [.sent: 30, .dropped: 370])
            for person in 0..<10 { try requireEqual(try await one.facts("p\(person)").ledger.count, 3) }
            await other.store.close()
            await one.store.close()
        },
        ConformanceCheck("A policy that one node stores stops decisions under the older one at every node") { test in
            let one = try await StoreDriver(test)
            let other = try await one.joined()
            try await one.holdsPolicyVersion(registeredBy: other)
            try requireEqual(try await one.store.policy(version: 2), "two")
            await other.store.close()
            await one.store.close()
        },
        ConformanceCheck("What one node accepts another finds and sends, and the store's ids grow over both") { test in
            let one = try await StoreDriver(test)
            let other = try await one.joined()
            var ids: [MessageID] = []
            for node in [one, other, one, other] { ids += try await node.enqueue(StoreDriver.draft()) }
            try requireEqual(ids, ids.sorted())
            try requireEqual(Set(ids).count, 4)
            try requireEqual(try await other.store.message(ids[0])?.recipient, "ann")
            try requireEqual(try await other.claim().map(\.message.id), ids)
            await other.store.close()
            await one.store.close()
        },
        ConformanceCheck("A follower at one node gets every entry of all nodes once") { test in
            let one = try await StoreDriver(test)
            let other = try await one.joined()
            let count = 200
            let followed = try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<8 {
                    let node = writer % 2 == 0 ? one : other
                    group.addTask {
                        for index in 0..<count / 8 { try await node.enqueue(StoreDriver.draft("p\(writer)-\(index)")) }
                    }
                }
                let rows = try await one.follow(count)
                try await group.waitForAll()
                return rows
            }
            try requireEqual(Set(followed.map(\.recipient)).count, count)
            try requireEqual(followed, try await other.logForward(limit: 1000))
            await other.store.close()
            await one.store.close()
        },
    ]
}
