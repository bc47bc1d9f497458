import SobreModel
import SobreStore

extension StoreConformance {
    static let admission: [ConformanceCheck] = [
        ConformanceCheck("Deciding gets the candidate, the facts and the store's time; sending opens an attempt") {
            test in
            let driver = try await StoreDriver(test)
            try await driver.store.put([StoreDriver.person()])
            let id = try await driver.enqueue(StoreDriver.draft())[0]
            let claimed = try await driver.claim()
            driver.time.advance(by: .seconds(1))
            let now = driver.time.now()
            let results = try await driver.admit(claimed) { request, facts, decidedAt in
                guard decidedAt == now, facts.profile == StoreDriver.person(), facts.ledger.isEmpty, !facts.isCancelled,
                    request.message.id == id
                else { return AdmissionDecision(verdict: .expire, policyVersion: 0) }
                return StoreDriver.send(request, facts, decidedAt)
            }
            guard case .admitted(let admitted) = results[0] else { throw ConformanceFailure(description: "\(results)") }
            try requireEqual(admitted.address, StoreDriver.person().addresses[0])
            try requireEqual(admitted.attempt, 1)
            try requireEqual(admitted.admittedAt, now)
            try requireEqual(admitted.deadline, now + .seconds(30))
            try requireEqual(try await driver.store.depth(), QueueDepth(waiting: 0, claimed: 0, inFlight: 1))
            let last = try await driver.store.history(of: id).last
            try requireEqual(last?.state, .attempting)
            try requireEqual(last?.provider, "acme")
            try requireEqual(last?.policyVersion, 3)
            try requireEqual(last?.templateVersion, "v1")
            await driver.store.close()
        },
        ConformanceCheck("Later candidates of a batch see the open attempts of earlier ones") { test in
            let driver = try await StoreDriver(test)
            try await driver.store.put([StoreDriver.person()])
            try await driver.enqueue(StoreDriver.draft(), StoreDriver.draft(), StoreDriver.draft())
            let results = try await driver.admit(driver.claim(), StoreDriver.atMost(2))
            let kinds = results.map { if case .admitted = $0 { true } else { false } }
            try requireEqual(kinds, [true, true, false])
            await driver.store.close()
        },
        ConformanceCheck("A cap holds exactly under sixteen tasks that claim, admit and record at once") { test in
            let driver = try await StoreDriver(test)
            try await driver.store.put((0..<10).map { StoreDriver.person("p\($0)") })
            _ = try await driver.store.enqueue((0..<400).map { Submission(draft: StoreDriver.draft("p\($0 % 10)")) })
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<16 {
                    group.addTask {
                        while true {
                            let claimed = try await driver.claim(7)
                            if claimed.isEmpty { return }
                            for result in try await driver.admit(claimed, StoreDriver.atMost(3)) {
                                if case .admitted(let admitted) = result {
                                    try await driver.record(admitted, .sent, .sent)
                                }
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            try requireEqual(try await driver.store.totals(), [.sent: 30, .dropped: 370])
            for person in 0..<10 { try requireEqual(try await driver.facts("p\(person)").ledger.count, 3) }
            await driver.store.close()
        },
        ConformanceCheck("Held deliveries wait until their time, keep their place and tell why") { test in
            let driver = try await StoreDriver(test)
            let id = try await driver.enqueue(StoreDriver.draft(priority: .high))[0]
            let until = driver.time.now() + .seconds(3600)
            guard
                case .settled(let decision) = try await driver.admit(
                    driver.claim(), StoreDriver.always(.hold(until: until, .quietHours)))[0]
            else { throw ConformanceFailure(description: "not settled") }
            try requireEqual(decision.verdict, .hold(until: until, .quietHours))
            let last = try await driver.store.history(of: id).last
            try requireEqual(last?.state, .held)
            try requireEqual(last?.reason, "quiet_hours")
            try requireEqual(last?.detail, "in words")
            try requireEqual(last?.dueAt, until)
            try requireEqual(last?.explanation, Array(#"{"why":1}"#.utf8))
            try requireEqual(try await driver.claim().count, 0)
            try requireEqual(try await driver.store.nextDueAt(), until)
            driver.time.set(until)
            let claimed = try await driver.claim()
            try requireEqual(claimed.map(\.claim.delivery.message), [id])
            try requireEqual(claimed.map(\.attempts), [0])
            await driver.store.close()
        },
        ConformanceCheck("Dropped and expired deliveries are final and leave nothing in queue or ledger") { test in
            let driver = try await StoreDriver(test)
            let ids = try await driver.enqueue(StoreDriver.draft(), StoreDriver.draft())
            _ = try await driver.admit(driver.claim(1), StoreDriver.always(.drop(.noConsent)))
            _ = try await driver.admit(driver.claim(1), StoreDriver.always(.expire))
            try requireEqual(try await driver.store.history(of: ids[0]).last?.reason, "no_consent")
            try requireEqual(try await driver.store.history(of: ids[0]).map(\.state), [.queued, .dropped])
            try requireEqual(try await driver.store.history(of: ids[1]).map(\.state), [.queued, .expired])
            try requireEqual(try await driver.store.depth(), QueueDepth(waiting: 0, claimed: 0, inFlight: 0))
            try requireEqual(try await driver.facts().ledger, [])
            await driver.store.close()
        },
        ConformanceCheck("Rerouting writes nothing and keeps the claim") { test in
            let driver = try await StoreDriver(test)
            let id = try await driver.enqueue(StoreDriver.draft(channels: [.email, .sms]))[0]
            let claimed = try await driver.claim()
            guard case .rerouted(.sms) = try await driver.admit(claimed, StoreDriver.always(.reroute(.sms)))[0] else {
                throw ConformanceFailure(description: "not rerouted")
            }
            try requireEqual(try await driver.store.history(of: id).count, 1)
            guard case .admitted = try await driver.admit(claimed)[0] else {
                throw ConformanceFailure(description: "the claim was lost")
            }
            await driver.store.close()
        },
        ConformanceCheck("A claim is used up by what was decided under it") { test in
            let driver = try await StoreDriver(test)
            try await driver.enqueue(StoreDriver.draft())
            let claimed = try await driver.claim()
            let results = try await driver.admit(claimed + claimed)
            guard case .admitted = results[0], case .stale = results[1] else {
                throw ConformanceFailure(description: "one claim was admitted twice")
            }
            await driver.store.close()
        },
        ConformanceCheck("Settling ends a claim: what waits comes back at its time, what is final does not") { test in
            let driver = try await StoreDriver(test)
            try await driver.enqueue(StoreDriver.draft("a"), StoreDriver.draft("b", channels: [.sms, .email]))
            let claimed = try await driver.claim()
            func claim(of recipient: String) throws -> Claim {
                try requireSome(claimed.first { $0.message.recipient == recipient }).claim
            }
            let due = driver.time.now() + .seconds(10)
            let results = try await driver.store.settle([
                ClaimTransition(
                    claim: try claim(of: "a"),
                    change: DeliveryChange(.held(Wait(.seconds(10))), reason: "render_failed")),
                ClaimTransition(
                    claim: try claim(of: "b"), change: DeliveryChange(.failed, reason: "content_rejected")),
            ])
            try requireEqual(results, [true, true])
            try requireEqual(try await driver.store.totals(), [.held: 1, .failed: 1])
            try requireEqual(try await driver.store.history(of: claimed[0].message.id).last?.at, driver.time.now())
            driver.time.set(due)
            try requireEqual(try await driver.claim().map(\.message.recipient), ["a"])
            await driver.store.close()
        },
        ConformanceCheck("A wait counts from the store's time at its writing, and ends no later than a named instant") {
            test in
            let driver = try await StoreDriver(test)
            try await driver.enqueue(StoreDriver.draft(), StoreDriver.draft(), StoreDriver.draft())
            let claimed = try await driver.claim(2)
            let admitted = try await driver.start()
            let named = driver.time.now() + .seconds(20)
            let transitions = [
                ClaimTransition(claim: claimed[0].claim, change: DeliveryChange(.held(Wait(.seconds(10))))),
                ClaimTransition(
                    claim: claimed[1].claim,
                    change: DeliveryChange(.deferred(Wait(.seconds(10), noLaterThan: named)), channel: .email)),
            ]
            // A node's request is written later than it was made, and by another clock.
            driver.time.advance(by: .seconds(15))
            let now = driver.time.now()
            try requireEqual(try await driver.store.settle(transitions), [true, true])
            try await driver.record(admitted, .notSent, .deferred(Wait(.seconds(30))))
            for (delivery, dueAt) in [
                (claimed[0].claim.delivery, now + .seconds(10)), (claimed[1].claim.delivery, named),
                (admitted.delivery, now + .seconds(30)),
            ] {
                let last = try await driver.store.history(of: delivery.message).last
                try requireEqual(last?.at, now)
                try requireEqual(last?.dueAt, dueAt)
            }
            try requireEqual(try await driver.store.nextDueAt(), named)
            await driver.store.close()
        },
        ConformanceCheck("A claim cannot be settled as sent, nor an attempt recorded as what it cannot become") {
            test in
            let driver = try await StoreDriver(test)
            try await driver.enqueue(StoreDriver.draft(), StoreDriver.draft())
            let admitted = try await driver.start()
            let claimed = try await driver.claim()
            func refuses(_ body: () async throws -> Void) async throws {
                do {
                    try await body()
                    throw ConformanceFailure(description: "an illegal move was written")
                } catch let error as StoreError {
                    try requireEqual(error.code, .internal)
                }
            }
            try await refuses {
                try await driver.store.settle([ClaimTransition(claim: claimed[0].claim, change: DeliveryChange(.sent))])
            }
            try await refuses { try await driver.record(admitted, .notSent, .dropped) }
            try requireEqual(try await driver.store.totals(), [.queued: 1, .attempting: 1])
            // The delivery must belong to the attempt.
            let other = AttemptRecord(
                ledgerID: admitted.ledgerID, delivery: claimed[0].claim.delivery, proof: .sent,
                change: DeliveryChange(.sent))
            try requireEqual(try await driver.store.record([other]), [false])
            try requireEqual(try await driver.record(admitted, .sent, .sent), true)
            await driver.store.close()
        },
    ]
}
