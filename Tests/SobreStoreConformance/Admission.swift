import SobreModel
import SobreStore

extension StoreConformance {
    static let admission: [ConformanceCheck] = [
        ConformanceCheck("Deciding gets the candidate, the facts and the store's time; sending opens an attempt") {
            test in
            let line = try await Line(test)
            try await line.store.put([Line.person()])
            let id = try await line.enqueue(Line.draft())[0]
            let claimed = try await line.claim()
            line.time.advance(by: .seconds(1))
            let now = line.time.now()
            let results = try await line.admit(claimed) { candidate, facts, decidedAt in
                guard decidedAt == now, facts.profile == Line.person(), facts.ledger.isEmpty, !facts.isCancelled,
                    candidate.message.id == id
                else { return AdmissionDecision(verdict: .expire, policyVersion: 0) }
                return Line.send(candidate, facts, decidedAt)
            }
            guard case .admitted(let ticket) = results[0] else { throw ConformanceFailure(description: "\(results)") }
            try requireEqual(ticket.address, Line.person().addresses[0])
            try requireEqual(ticket.attempt, 1)
            try requireEqual(ticket.admittedAt, now)
            try requireEqual(ticket.deadline, now + .seconds(30))
            try requireEqual(try await line.store.depth(), QueueDepth(waiting: 0, claimed: 0, inFlight: 1))
            let last = try await line.store.history(of: id).last
            try requireEqual(last?.state, .attempting)
            try requireEqual(last?.provider, "acme")
            try requireEqual(last?.policyVersion, 3)
            try requireEqual(last?.templateVersion, "v1")
            await line.store.close()
        },
        ConformanceCheck("Later candidates of a batch see the open attempts of earlier ones") { test in
            let line = try await Line(test)
            try await line.store.put([Line.person()])
            try await line.enqueue(Line.draft(), Line.draft(), Line.draft())
            let results = try await line.admit(line.claim(), Line.atMost(2))
            let kinds = results.map { if case .admitted = $0 { true } else { false } }
            try requireEqual(kinds, [true, true, false])
            await line.store.close()
        },
        ConformanceCheck("A cap holds exactly under sixteen tasks that claim, admit and record at once") { test in
            let line = try await Line(test)
            try await line.store.put((0..<10).map { Line.person("p\($0)") })
            _ = try await line.store.enqueue((0..<400).map { Submission(draft: Line.draft("p\($0 % 10)")) })
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<16 {
                    group.addTask {
                        while true {
                            let claimed = try await line.claim(7)
                            if claimed.isEmpty { return }
                            for result in try await line.admit(claimed, Line.atMost(3)) {
                                if case .admitted(let ticket) = result { try await line.record(ticket, .sent, .sent) }
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            try requireEqual(try await line.store.totals(), [.sent: 30, .dropped: 370])
            for person in 0..<10 { try requireEqual(try await line.facts("p\(person)").ledger.count, 3) }
            await line.store.close()
        },
        ConformanceCheck("Held deliveries wait until their time, keep their place and tell why") { test in
            let line = try await Line(test)
            let id = try await line.enqueue(Line.draft(priority: .high))[0]
            let until = line.time.now() + .seconds(3600)
            guard
                case .settled(let decision) = try await line.admit(
                    line.claim(), Line.always(.hold(until: until, .quietHours)))[0]
            else { throw ConformanceFailure(description: "not settled") }
            try requireEqual(decision.verdict, .hold(until: until, .quietHours))
            let last = try await line.store.history(of: id).last
            try requireEqual(last?.state, .held)
            try requireEqual(last?.reason, "quiet_hours")
            try requireEqual(last?.detail, "in words")
            try requireEqual(last?.dueAt, until)
            try requireEqual(last?.explanation, Array(#"{"why":1}"#.utf8))
            try requireEqual(try await line.claim().count, 0)
            try requireEqual(try await line.store.nextDueAt(), until)
            line.time.set(until)
            let claimed = try await line.claim()
            try requireEqual(claimed.map(\.claim.delivery.message), [id])
            try requireEqual(claimed.map(\.attempts), [0])
            await line.store.close()
        },
        ConformanceCheck("Dropped and expired deliveries are final and leave nothing in queue or ledger") { test in
            let line = try await Line(test)
            let ids = try await line.enqueue(Line.draft(), Line.draft())
            _ = try await line.admit(line.claim(1), Line.always(.drop(.noConsent)))
            _ = try await line.admit(line.claim(1), Line.always(.expire))
            try requireEqual(try await line.store.history(of: ids[0]).last?.reason, "no_consent")
            try requireEqual(try await line.store.history(of: ids[0]).map(\.state), [.queued, .dropped])
            try requireEqual(try await line.store.history(of: ids[1]).map(\.state), [.queued, .expired])
            try requireEqual(try await line.store.depth(), QueueDepth(waiting: 0, claimed: 0, inFlight: 0))
            try requireEqual(try await line.facts().ledger, [])
            await line.store.close()
        },
        ConformanceCheck("Rerouting writes nothing and keeps the claim") { test in
            let line = try await Line(test)
            let id = try await line.enqueue(Line.draft(channels: [.email, .sms]))[0]
            let claimed = try await line.claim()
            guard case .rerouted(.sms) = try await line.admit(claimed, Line.always(.reroute(.sms)))[0] else {
                throw ConformanceFailure(description: "not rerouted")
            }
            try requireEqual(try await line.store.history(of: id).count, 1)
            guard case .admitted = try await line.admit(claimed)[0] else {
                throw ConformanceFailure(description: "the claim was lost")
            }
            await line.store.close()
        },
        ConformanceCheck("A claim is used up by what was decided under it") { test in
            let line = try await Line(test)
            try await line.enqueue(Line.draft())
            let claimed = try await line.claim()
            let results = try await line.admit(claimed + claimed)
            guard case .admitted = results[0], case .stale = results[1] else {
                throw ConformanceFailure(description: "one claim was admitted twice")
            }
            await line.store.close()
        },
        ConformanceCheck("Settling ends a claim: what waits comes back at its time, what is final does not") { test in
            let line = try await Line(test)
            try await line.enqueue(Line.draft("a"), Line.draft("b", channels: [.sms, .email]))
            let claimed = try await line.claim()
            let due = line.time.now() + .seconds(10)
            let results = try await line.store.settle([
                ClaimTransition(
                    claim: claimed[0].claim,
                    entry: LogEntry(
                        delivery: claimed[0].claim.delivery, at: .epoch, state: .held, reason: "render_failed",
                        dueAt: due)),
                ClaimTransition(
                    claim: claimed[1].claim,
                    entry: LogEntry(
                        delivery: claimed[1].claim.delivery, at: .epoch, state: .failed, reason: "content_rejected")),
            ])
            try requireEqual(results, [true, true])
            try requireEqual(try await line.store.totals(), [.held: 1, .failed: 1])
            try requireEqual(try await line.store.history(of: claimed[0].message.id).last?.at, line.time.now())
            line.time.set(due)
            try requireEqual(try await line.claim().map(\.message.recipient), ["a"])
            await line.store.close()
        },
    ]
}
