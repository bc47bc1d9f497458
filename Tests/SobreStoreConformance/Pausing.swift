import SobreModel
import SobreStore

/// Pauses of sending: durable, in force at the next decision, holding without an end, and in the order of the queue
/// again when they end.
extension StoreConformance {
    /// Holds what a pause covers, as the policy does, and sends the rest.
    private static let obeying: AdmissionDecider = { request, facts, _ in
        guard let pause = facts.pauses.covering(request.message.draft, on: request.channel) else {
            return AdmissionDecision(
                verdict: .send(StoreDriver.address(request, facts), StoreDriver.traits(request)), policyVersion: 3)
        }
        let until = min(pause.end, request.message.expiresAt ?? .distantFuture)
        var decision = AdmissionDecision(
            verdict: .hold(until: until, .pausedByOperator), policyVersion: 3,
            explanation: Array(#"{"why":"paused"}"#.utf8), summary: pause.summary)
        decision.pause = pause.id
        return decision
    }

    /// A message to one recipient, for whom the order of claims is promised. The template is its name.
    private static func draft(
        _ name: String, _ campaign: String = "summer", to recipient: String = "ann", sendAt: Instant? = nil,
        expiresAt: Instant? = nil, priority: Priority = .normal, channels: [Channel] = [.email]
    ) -> MessageDraft {
        var draft = StoreDriver.draft(
            recipient, channels: channels, priority: priority, sendAt: sendAt, campaign: campaign, template: name)
        draft.expiresAt = expiresAt
        return draft
    }

    private static func order(
        _ driver: StoreDriver, _ filter: DeliveryFilter, until: Instant? = nil
    ) async throws -> SendingPause {
        try requireSome(try await driver.store.pause(filter, until: until, reason: "wrong link", by: "ann")).pause
    }

    /// Claims and decides until nothing is left to claim. Returns the names of what was admitted, in order.
    @discardableResult
    private static func run(_ driver: StoreDriver, batch: Int = 10) async throws -> [String] {
        var sent: [String] = []
        while true {
            let claimed = try await driver.claim(batch)
            if claimed.isEmpty { return sent }
            for (one, result) in zip(claimed, try await driver.admit(claimed, obeying)) {
                guard case .admitted(let admitted) = result else { continue }
                sent.append(one.message.template)
                try await driver.record(admitted, .sent, .sent)
            }
        }
    }

    static let pausing: [ConformanceCheck] = [
        ConformanceCheck("A pause is in the facts of every decision after it was answered, until it is lifted") {
            test in
            var driver = try await StoreDriver(test)
            try requireEqual(try await driver.facts().pauses, [])
            let mark = driver.store.pausesInForce.mark
            let filter = DeliveryFilter(
                campaign: "c", category: "k", channel: .sms, journey: "j", provider: "p", template: "t", tenant: "n")
            let pause = try await order(driver, filter, until: driver.time.now() + .seconds(90))
            for pass in 0..<2 {
                try requireEqual(try await driver.facts().pauses, [pause], "pass \(pass)")
                try requireEqual(driver.store.pausesInForce.all, [pause], "pass \(pass)")
                try requireEqual(
                    try await driver.store.pauses(at: driver.time.now()), [PauseStatus(pause: pause, held: 0)])
                driver = try await driver.reopened()
            }
            try requireEqual(pause.filter, filter)
            try requireEqual([pause.reason, pause.by], ["wrong link", "ann"])
            try requireEqual(try await driver.store.resume(pause.id), pause)
            try requireEqual(try await driver.store.resume(pause.id), nil)
            try requireEqual(try await driver.facts().pauses, [])
            try requireEqual(driver.store.pausesInForce.all, [])
            try require(driver.store.pausesInForce.mark != mark, "the change was not counted")
            let later = try await order(driver, .all)
            try require(later.id > pause.id, "an ID was used again")
            await driver.store.close()
        },
        ConformanceCheck("A pause of the same scope replaces the one before, and there are no more than allowed") {
            test in
            let driver = try await StoreDriver(test)
            let first = try await order(driver, DeliveryFilter(campaign: "summer"))
            driver.time.advance(by: .seconds(5))
            let again = try requireSome(
                try await driver.store.pause(first.filter, until: nil, reason: "another", by: "bob"))
            try requireEqual(again.isNew, false)
            try requireEqual([again.pause.id, again.pause.since.milliseconds], [first.id, first.since.milliseconds])
            try requireEqual(try await driver.facts().pauses.map(\.reason), ["another"])
            var count = 1
            while try await driver.store.pause(
                DeliveryFilter(campaign: "c\(count)"), until: nil, reason: "", by: "ann") != nil
            {
                count += 1
                try require(count <= 100_000, "the number of pauses has no bound")
            }
            try requireEqual(try await driver.store.pauses(at: driver.time.now()).count, count)
            await driver.store.close()
        },
        ConformanceCheck("What a pause holds is claimed once, waits however long it lasts, and keeps its order") {
            test in
            var driver = try await StoreDriver(test)
            let start = driver.time.now()
            // Sooner, though it was accepted later.
            try await driver.enqueue(
                draft("late", sendAt: start + .seconds(20)), draft("soon", sendAt: start + .seconds(10)))
            try await driver.enqueue(draft("now"), draft("urgent", priority: .high), draft("other", "winter"))
            let pause = try await order(driver, DeliveryFilter(campaign: "summer"))
            try requireEqual(try await run(driver), ["other"])
            driver.time.advance(by: .seconds(30))
            try requireEqual(try await run(driver), [])
            for pass in 0..<2 {
                driver.time.advance(by: .seconds(7 * 86_400))
                try requireEqual(try await driver.claim().count, 0, "pass \(pass)")
                try requireEqual(try await driver.store.nextDueAt(), nil, "pass \(pass)")
                try requireEqual(try await driver.store.pauses(at: driver.time.now()).map(\.held), [4], "pass \(pass)")
                try requireEqual(try await driver.store.depth().waiting, 4, "pass \(pass)")
                driver = try await driver.reopened()
            }
            try requireEqual(try await driver.total(.held), 4)
            let backlog = try await driver.store.backlog(at: driver.time.now())
            try requireEqual(backlog.oldestDue, [:], "what is paused is not overdue")
            try await driver.enqueue(draft("new"))
            _ = try await driver.store.resume(pause.id)
            try require(try await driver.store.nextDueAt() ?? .distantFuture <= driver.time.now())
            try requireEqual(
                try await driver.store.backlog(at: driver.time.now()).oldestDue[.email], start, "the oldest due")
            try requireEqual(try await run(driver, batch: 2), ["urgent", "now", "soon", "late", "new"])
            try requireEqual(try await driver.store.depth(), QueueDepth(waiting: 0, claimed: 0, inFlight: 0))
            try requireEqual(try await driver.total(.sent), 6)
            await driver.store.close()
        },
        ConformanceCheck("A pause ends by itself at its time, also across a restart") { test in
            var driver = try await StoreDriver(test)
            let end = driver.time.now() + .seconds(60)
            try await driver.enqueue(draft("ann"))
            _ = try await order(driver, .all, until: end)
            try requireEqual(try await run(driver), [])
            driver = try await driver.reopened()
            try requireEqual(try await driver.store.nextDueAt(), end)
            try requireEqual(try await driver.store.history(of: try await message(driver)).last?.dueAt, end)
            driver.time.advance(by: .milliseconds(59_999))
            try requireEqual(try await run(driver), [])
            driver.time.advance(by: .milliseconds(1))
            try requireEqual(try await run(driver), ["ann"])
            try requireEqual(try await driver.facts().pauses, [])
            try requireEqual(try await driver.store.pauses(at: driver.time.now()), [])
            driver = try await driver.reopened()
            try requireEqual(driver.store.pausesInForce.all, [])
            await driver.store.close()
        },
        ConformanceCheck("A pause that gets another end holds up to that one") { test in
            let driver = try await StoreDriver(test)
            let start = driver.time.now()
            try await driver.enqueue(draft("ann"))
            _ = try await order(driver, .all, until: start + .seconds(60))
            try requireEqual(try await run(driver), [])
            _ = try await order(driver, .all, until: start + .seconds(600))
            try requireEqual(try await run(driver), [])
            driver.time.advance(by: .seconds(599))
            try requireEqual(try await run(driver), [])
            _ = try await order(driver, .all)
            driver.time.advance(by: .seconds(5))
            try requireEqual(try await run(driver), [])
            _ = try await order(driver, .all, until: driver.time.now() + .seconds(1))
            try requireEqual(try await run(driver), [])
            driver.time.advance(by: .seconds(1))
            try requireEqual(try await run(driver), ["ann"])
            await driver.store.close()
        },
        ConformanceCheck("What expires while it is paused is offered when it does, and not before") { test in
            var driver = try await StoreDriver(test)
            let start = driver.time.now()
            try await driver.enqueue(
                draft("ann", expiresAt: start + .seconds(60)), draft("bob", expiresAt: start + .seconds(30)),
                draft("cy"))
            _ = try await order(driver, .all)
            try requireEqual(try await run(driver), [])
            driver = try await driver.reopened()
            try requireEqual(try await driver.store.nextDueAt(), start + .seconds(30))
            driver.time.advance(by: .seconds(29))
            try requireEqual(try await driver.claim().count, 0)
            driver.time.advance(by: .seconds(1))
            let claimed = try await driver.claim()
            try requireEqual(claimed.map(\.message.template), ["bob"])
            // A claim that is given back can be claimed again.
            await driver.store.giveBack(claimed.map(\.claim))
            let again = try await driver.claim()
            try requireEqual(again.map(\.message.template), ["bob"])
            _ = try await driver.admit(again, StoreDriver.always(.expire))
            try requireEqual(try await driver.store.nextDueAt(), start + .seconds(60))
            try requireEqual(try await driver.total(.expired), 1)
            try requireEqual(try await driver.total(.held), 2)
            try requireEqual(try await driver.claim().count, 0)
            await driver.store.close()
        },
        ConformanceCheck("What two pauses cover waits for both, and a pause of one provider for any of them") { test in
            let driver = try await StoreDriver(test)
            try await driver.enqueue(draft("ann"))
            let all = try await order(driver, .all)
            let some = try await order(
                driver, DeliveryFilter(campaign: "summer"), until: driver.time.now() + .seconds(60))
            try requireEqual(try await run(driver), [])
            _ = try await driver.store.resume(all.id)
            try requireEqual(try await run(driver), [])
            try requireEqual(try await driver.store.pauses(at: driver.time.now()).map(\.held), [1])
            _ = try await driver.store.resume(some.id)
            try requireEqual(try await run(driver), ["ann"])
            // No provider may take it. It is held with one of the pauses, and goes when the other is lifted.
            try await driver.enqueue(draft("bob"))
            let first = try await order(driver, DeliveryFilter(provider: "a"))
            let second = try await order(driver, DeliveryFilter(provider: "b"))
            let held: AdmissionDecider = { request, facts, _ in
                guard facts.pauses.count == 2 else { return StoreDriver.send(request, facts, .epoch) }
                var decision = AdmissionDecision(
                    verdict: .hold(until: .distantFuture, .pausedByOperator), policyVersion: 3)
                decision.pause = first.id
                return decision
            }
            _ = try await driver.admit(driver.claim(), held)
            try requireEqual(try await driver.claim().count, 0)
            _ = try await driver.store.resume(second.id)
            let claimed = try await driver.claim()
            try requireEqual(claimed.map(\.message.template), ["bob"])
            guard case .admitted = try await driver.admit(claimed, held)[0] else {
                throw ConformanceFailure(description: "it was not admitted")
            }
            await driver.store.close()
        },
        ConformanceCheck("Paused deliveries can be cancelled and erased, and a resume offers only the rest") { test in
            let driver = try await StoreDriver(test)
            try await driver.store.put([StoreDriver.person("ann"), StoreDriver.person("bob")])
            let ids = try await driver.enqueue(
                draft("cancelled"), draft("erased", to: "bob"), draft("left"), draft("cancelled later"))
            let pause = try await order(driver, .all)
            try requireEqual(try await run(driver), [])
            try requireEqual(try await driver.store.cancel(ids[0])?.values.first, .cancelled)
            try requireEqual(try await driver.store.erase("bob")?.cancelled, 1)
            try requireEqual(try await driver.store.pauses(at: driver.time.now()).map(\.held), [2])
            _ = try await driver.store.resume(pause.id)
            try requireEqual(try await driver.store.cancel(ids[3])?.values.first, .cancelled)
            try requireEqual(try await run(driver), ["left"])
            try requireEqual(try await driver.store.depth().waiting, 0)
            await driver.store.close()
        },
        ConformanceCheck("A claim from before a pause is decided with it, and a lease that ends loses no place") {
            test in
            let driver = try await StoreDriver(test)
            try await driver.enqueue(draft("ann"), draft("bob"))
            let claimed = try await driver.claim(1)
            let pause = try await order(driver, .all)
            guard case .settled = try await driver.admit(claimed, obeying)[0] else {
                throw ConformanceFailure(description: "a claim from before the pause was admitted")
            }
            try requireEqual(try await run(driver), [])
            _ = try await driver.store.resume(pause.id)
            try requireEqual(try await driver.claim(1).map(\.message.template), ["ann"])
            driver.time.advance(by: StoreDriver.lease + .seconds(1))
            try requireEqual(try await run(driver, batch: 1), ["ann", "bob"])
            await driver.store.close()
        },
        ConformanceCheck("Only the channels that are asked for are claimed of what a pause held") { test in
            let driver = try await StoreDriver(test)
            try await driver.enqueue(draft("ann"), draft("bob", channels: [.sms]))
            let pause = try await order(driver, .all)
            try requireEqual(try await run(driver), [])
            _ = try await driver.store.resume(pause.id)
            try requireEqual(try await driver.claim(channels: [.sms]).map(\.message.template), ["bob"])
            try requireEqual(try await driver.claim(channels: [.sms]).count, 0)
            try requireEqual(try await driver.claim(channels: [.email]).map(\.message.template), ["ann"])
            await driver.store.close()
        },
    ]

    private static func message(_ driver: StoreDriver) async throws -> MessageID {
        try requireSome(try await driver.store.log(LogQuery(limit: 1)).rows.first).entry.delivery.message
    }
}
