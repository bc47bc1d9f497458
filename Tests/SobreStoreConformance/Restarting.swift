import SobreModel
import SobreStore

extension StoreConformance {
    static let restarting: [ConformanceCheck] = [
        ConformanceCheck("After a restart waiting deliveries wait, leases are free and their claims are stale") {
            test in
            let line = try await Line(test)
            try await line.enqueue(Line.draft("a"), Line.draft("b", sendAt: line.time.now() + .seconds(60)))
            let claimed = try await line.claim()
            let again = try await line.reopened()
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
            let line = try await Line(test)
            try await line.enqueue(Line.draft(), Line.draft())
            let sent = try await line.start()
            try await line.record(sent, .sent, .sent)
            let ticket = try await line.start()
            let again = try await line.reopened()
            try requireEqual(try await again.store.overdueAttempts(limit: 10).map(\.ledgerID), [ticket.ledgerID])
            try requireEqual(try await again.facts().ledger.map(\.state), [.spent, .open])
            try requireEqual(try await again.record(ticket, .unknown, .unknown), true)
            try requireEqual(try await again.record(sent, .unknown, .unknown), false)
            try requireEqual(try await again.store.overdueAttempts(limit: 10).count, 0)
            try requireEqual(try await again.facts().ledger.map(\.state), [.spent, .spent])
            let third = try await again.reopened()
            try requireEqual(try await third.facts().ledger.map(\.state), [.spent, .spent])
            try requireEqual(try await third.store.totals(), [.sent: 1, .unknown: 1])
            await third.store.close()
        },
        ConformanceCheck("Ids, sequence numbers and times grow over a restart, also when the clock went back") { test in
            let line = try await Line(test)
            let first = try await line.enqueue(Line.draft())[0]
            let ticket = try await line.start()
            line.time.advance(by: .seconds(-86_400))
            let again = try await line.reopened()
            let second = try await again.enqueue(Line.draft())[0]
            try require(second > first)
            let next = try await again.start()
            try require(next.ledgerID > ticket.ledgerID)
            try require(next.admittedAt >= ticket.admittedAt)
            let entries = try await again.store.log(LogQuery(direction: .after(0)))
            try requireEqual(entries.map(\.entry.sequence), [1, 2, 3, 4])
            await again.store.close()
        },
        ConformanceCheck("Profiles, suppressions, policies and keys outlive a restart") { test in
            let line = try await Line(test)
            try await line.store.put([Line.person()])
            let suppression = Suppression(
                subject: .recipient("ann"), label: "ann", reason: .complaint, source: "api", at: line.time.now())
            try await line.store.suppress([suppression])
            try requireEqual(try await line.store.register(policy: "a: 1"), 1)
            let again = try await line.reopened()
            let facts = try await again.facts()
            try requireEqual(facts.profile, Line.person())
            try requireEqual(facts.suppressions, [suppression])
            try requireEqual(try await again.store.register(policy: "a: 2"), 2)
            await again.store.close()
        },
        ConformanceCheck("A closed store refuses every call, and closing twice is harmless") { test in
            let line = try await Line(test)
            await line.store.close()
            await line.store.close()
            do {
                try await line.enqueue(Line.draft())
                throw ConformanceFailure(description: "a closed store accepted a message")
            } catch let error as StoreError {
                try requireEqual(error.code, .closed)
            }
            await line.store.waitForWork(atMost: .seconds(60))
        },
        ConformanceCheck("Closing ends every wait for work") { test in
            let line = try await Line(test)
            _ = try await line.claim()
            async let woken: Void = line.store.waitForWork(atMost: .seconds(600))
            await line.store.close()
            await woken
        },
    ]
}
