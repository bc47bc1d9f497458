import SobreModel
import SobreStore

extension StoreConformance {
    static let claiming: [ConformanceCheck] = [
        ConformanceCheck("Claims come by priority, then due time, then id, over all channels") { test in
            let line = try await Line(test)
            let first = try await line.enqueue(
                Line.draft("low", priority: .low), Line.draft("a", channels: [.email]),
                Line.draft("b", channels: [.sms]))
            line.time.advance(by: .milliseconds(1))
            let second = try await line.enqueue(
                Line.draft("c", channels: [.email]), Line.draft("high", channels: [.push], priority: .high),
                Line.draft("critical", priority: .critical))
            let claimed = try await line.claim(4) + line.claim(10)
            try requireEqual(
                claimed.map(\.claim.delivery.message), [second[2], second[1], first[1], first[2], second[0], first[0]])
            await line.store.close()
        },
        ConformanceCheck("A claim brings the message and the profile; nobody by the id gives no profile") { test in
            let line = try await Line(test)
            try await line.store.put([Line.person("ann")])
            try await line.enqueue(Line.draft("ann"), Line.draft("nobody"))
            let claimed = try await line.claim()
            try requireEqual(claimed.map(\.profile), [Line.person("ann"), nil])
            try requireEqual(claimed.map(\.message.draft), [Line.draft("ann"), Line.draft("nobody")])
            try requireEqual(claimed.map(\.attempts), [0, 0])
            await line.store.close()
        },
        ConformanceCheck("Only deliveries that begin on one of the channels are claimed") { test in
            let line = try await Line(test)
            let ids = try await line.enqueue(
                Line.draft(channels: [.email, .sms]), Line.draft(channels: [.sms, .email]))
            try requireEqual(try await line.claim(channels: []).count, 0)
            try requireEqual(try await line.claim(channels: [.sms, .push]).map(\.claim.delivery.message), [ids[1]])
            try requireEqual(try await line.claim(channels: [.email]).map(\.claim.delivery.message), [ids[0]])
            await line.store.close()
        },
        ConformanceCheck("What is claimed is not claimed again until its lease runs out, then under a higher epoch") {
            test in
            let line = try await Line(test)
            try await line.enqueue(Line.draft())
            let first = try await line.claim()
            try requireEqual(try await line.claim().count, 0)
            try requireEqual(try await line.store.depth(), QueueDepth(waiting: 1, claimed: 1, inFlight: 0))
            line.time.advance(by: Line.lease)
            let second = try await line.claim()
            try requireEqual(second.map(\.claim.delivery), first.map(\.claim.delivery))
            try require(second[0].claim.epoch > first[0].claim.epoch)
            guard case .stale = try await line.admit(first)[0] else {
                throw ConformanceFailure(description: "a stale claim was admitted")
            }
            let entry = LogEntry(delivery: first[0].claim.delivery, at: .epoch, state: .dropped)
            try requireEqual(
                try await line.store.settle([ClaimTransition(claim: first[0].claim, entry: entry)]), [false])
            guard case .admitted = try await line.admit(second)[0] else {
                throw ConformanceFailure(description: "the valid claim was not admitted")
            }
            await line.store.close()
        },
        ConformanceCheck("What is given back is due at once under a higher epoch; stale claims are ignored") { test in
            let line = try await Line(test)
            try await line.enqueue(Line.draft("a"), Line.draft("b"))
            let first = try await line.claim(1)
            await line.store.giveBack(first.map(\.claim))
            let second = try await line.claim(1)
            try requireEqual(second.map(\.claim.delivery), first.map(\.claim.delivery))
            try require(second[0].claim.epoch > first[0].claim.epoch)
            await line.store.giveBack(first.map(\.claim))
            try requireEqual(try await line.claim().map(\.message.recipient), ["b"])
            await line.store.close()
        },
        ConformanceCheck("Many tasks that claim at once never get the same delivery") { test in
            let line = try await Line(test)
            _ = try await line.store.enqueue((0..<200).map { Submission(draft: Line.draft("p\($0)")) })
            let claims = try await withThrowingTaskGroup(of: [DeliveryID].self) { group in
                for _ in 0..<16 { group.addTask { try await line.claim(20).map(\.claim.delivery) } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            try requireEqual(claims.count, 200)
            try requireEqual(Set(claims).count, 200)
            await line.store.close()
        },
        ConformanceCheck("Whoever waits for work is woken by a new message, by one given back, and by its time") {
            test in
            let line = try await Line(test)
            try requireEqual(try await line.claim().count, 0)
            async let woken: Void = line.store.waitForWork(atMost: .seconds(60))
            try await line.enqueue(Line.draft())
            await woken
            let claimed = try await line.claim()
            async let wokenAgain: Void = line.store.waitForWork(atMost: .seconds(60))
            await line.store.giveBack(claimed.map(\.claim))
            await wokenAgain
            _ = try await line.claim()
            try await line.enqueue(Line.draft(sendAt: line.time.now() + .seconds(30)))
            async let wokenByTime: Void = line.store.waitForWork(atMost: .seconds(60))
            line.time.advance(by: .seconds(30))
            await test.poke(line.store)
            await wokenByTime
            try requireEqual(try await line.claim().count, 1)
            await line.store.waitForWork(atMost: .zero)
            await line.store.close()
        },
    ]
}
