import SobreModel
import SobreStore

/// What is true now: what waits, which messages are in which state, and what may have been sent.
extension StoreConformance {
    /// All messages that match, read in pages.
    static func list(_ driver: StoreDriver, _ filter: StateFilter, limit: Int = 1) async throws -> [MessageStatus] {
        var rows: [MessageStatus] = []
        var cursor: StateCursor?
        repeat {
            let page = try await driver.store.messages(filter, after: cursor, limit: limit)
            try require(page.rows.count <= limit, "a page has \(page.rows.count) messages")
            rows += page.rows
            cursor = page.next
        } while cursor != nil
        return rows
    }

    private static func ids(_ driver: StoreDriver, _ filter: StateFilter, limit: Int = 1) async throws -> [MessageID] {
        try await list(driver, filter, limit: limit).map(\.message.id).sorted()
    }

    /// The groups of the queue as text, without the times.
    private static func groups(_ driver: StoreDriver) async throws -> [String] {
        let summary = try await driver.store.queue(at: driver.time.now(), limit: 100)
        try requireEqual(summary.waiting, summary.groups.reduce(0) { $0 + $1.count }, "waiting")
        try requireEqual(summary.waiting, summary.channels.reduce(0) { $0 + $1.waiting }, "waiting by channel")
        try requireEqual(try await driver.store.depth().waiting, summary.waiting, "the depth")
        return summary.groups.map { "\($0.count) \($0.state) \($0.channel) \($0.campaign ?? "-") \($0.reason)" }
            .sorted()
    }

    /// Ann is sent, Bob fails, Cy is held, Dan is dropped, Eve waits for her retry, Fay is in flight, Gus is queued and
    /// Hal is scheduled.
    @discardableResult
    static func tell(_ driver: StoreDriver) async throws -> [String: MessageID] {
        var ids: [String: MessageID] = [:]
        func add(_ name: String, campaign: String? = "summer", sendAt: Instant? = nil) async throws {
            ids[name] = try await driver.enqueue(StoreDriver.draft(name, sendAt: sendAt, campaign: campaign))[0]
        }
        try await add("ann")
        try await driver.record(driver.start(), .sent, .sent)
        try await add("bob")
        try await driver.record(driver.start(), .notSent, .failed)
        try await add("cy", campaign: "spring")
        _ = try await driver.admit(
            driver.claim(1), StoreDriver.always(.hold(until: driver.time.now() + .seconds(3_600), .quietHours)))
        try await add("dan")
        _ = try await driver.admit(driver.claim(1), StoreDriver.always(.drop(.noConsent)))
        try await add("eve", campaign: nil)
        try await driver.record(driver.start(), .notSent, .deferred(Wait(.seconds(60))))
        try await add("fay")
        _ = try await driver.start()
        try await add("gus")
        try await add("hal", campaign: "spring", sendAt: driver.time.now() + .seconds(7_200))
        return ids
    }

    static let stating: [ConformanceCheck] = [
        ConformanceCheck("What waits is counted by state, channel, campaign and reason, and a restart changes nothing")
        {
            test in
            var driver = try await StoreDriver(test)
            let start = driver.time.now()
            try await tell(driver)
            let expected = [
                "1 deferred email - because", "1 held email spring quiet_hours", "1 queued email summer ",
                "1 scheduled email spring ",
            ]
            for pass in 0..<2 {
                try requireEqual(try await groups(driver), expected, "pass \(pass)")
                let summary = try await driver.store.queue(at: driver.time.now(), limit: 1)
                try requireEqual(summary.groups.count, 1)
                try requireEqual(summary.omittedGroups, 3)
                try requireEqual(summary.inFlight, 1)
                try requireEqual(summary.oldestDueAt, start)
                try requireEqual(summary.nextDueAt, start + .seconds(60))
                driver = try await driver.reopened()
            }
            let held = try await driver.store.queue(at: driver.time.now(), limit: 9).groups.first { $0.state == .held }
            try requireEqual(held?.oldestAt, start)
            await driver.store.close()
        },
        ConformanceCheck("The counts follow cancellations, retries, claims that end, and transactions that fail") {
            test in
            let driver = try await StoreDriver(test)
            let ids = try await tell(driver)
            for name in ["cy", "gus", "hal"] { _ = try await driver.store.cancel(requireSome(ids[name])) }
            try requireEqual(try await groups(driver), ["1 deferred email - because"])
            _ = try await driver.store.retry(requireSome(ids["bob"]))
            try requireEqual(try await groups(driver), ["1 deferred email - because", "1 queued email summer retried"])
            // Claims change nothing, whether they end or are given back.
            let claimed = try await driver.claim()
            try requireEqual(claimed.count, 1)
            await driver.store.giveBack(claimed.map(\.claim))
            try requireEqual(try await groups(driver).count, 2)
            // A transition that no delivery may make fails, with everything that was written before it.
            let again = try await driver.claim()
            let illegal = ClaimTransition(claim: again[0].claim, change: DeliveryChange(.sent))
            let isRefused: Bool
            do {
                _ = try await driver.store.settle([illegal])
                isRefused = false
            } catch { isRefused = true }
            try require(isRefused, "an illegal transition was written")
            try requireEqual(try await groups(driver), ["1 deferred email - because", "1 queued email summer retried"])
            try await driver.record(requireAdmitted(driver.admit(again)), .sent, .sent)
            try requireEqual(try await groups(driver), ["1 deferred email - because"])
            await driver.store.close()
        },
        ConformanceCheck("Messages are found by the present state of their deliveries, not by former ones") { test in
            var driver = try await StoreDriver(test)
            let ids = try await tell(driver)
            let states: [(DeliveryState, String)] = [
                (.sent, "ann"), (.failed, "bob"), (.held, "cy"), (.dropped, "dan"), (.deferred, "eve"),
                (.attempting, "fay"), (.queued, "gus"), (.scheduled, "hal"),
            ]
            for pass in 0..<2 {
                for (state, name) in states {
                    let found = try await list(driver, StateFilter(states: [state]))
                    try requireEqual(found.map(\.message.id), [requireSome(ids[name])], "\(state), pass \(pass)")
                    try requireEqual(found[0].last.map(\.state), [state])
                    try requireEqual(found[0].matching, [found[0].message.id.delivery(0)])
                }
                try requireEqual(try await StoreConformance.ids(driver, StateFilter()), ids.values.sorted())
                try requireEqual(
                    try await StoreConformance.ids(driver, StateFilter(states: [.held, .failed, .queued, .dropped])),
                    ["bob", "cy", "dan", "gus"].compactMap { ids[$0] }.sorted())
                driver = try await driver.reopened()
            }
            _ = try await driver.store.retry(requireSome(ids["bob"]))
            try requireEqual(try await StoreConformance.ids(driver, StateFilter(states: [.failed])), [])
            try requireEqual(
                try await StoreConformance.ids(driver, StateFilter(states: [.queued])),
                ["bob", "gus"].compactMap { ids[$0] }.sorted())
            await driver.store.close()
        },
        ConformanceCheck("Every condition on present states holds, and all together") { test in
            let driver = try await StoreDriver(test)
            let ids = try await tell(driver)
            let (start, held) = (driver.time.now(), Set([DeliveryState.held, .deferred, .scheduled]))
            func expect(_ filter: StateFilter, _ names: [String], line: UInt = #line) async throws {
                for limit in [1, 50] {
                    try requireEqual(
                        try await StoreConformance.ids(driver, filter, limit: limit),
                        names.compactMap { ids[$0] }.sorted(), "\(filter)",
                        driver: line)
                }
            }
            try await expect(StateFilter(states: held, selector: DeliveryFilter(campaign: "spring")), ["cy", "hal"])
            try await expect(StateFilter(states: held, reasons: ["quiet_hours"]), ["cy"])
            try await expect(StateFilter(reasons: ["quiet_hours"]), ["cy"])
            try await expect(StateFilter(states: held, tag: "promo"), ["cy", "eve", "hal"])
            try await expect(StateFilter(states: held, tag: "promo/summer"), ["cy", "eve", "hal"])
            try await expect(StateFilter(states: held, tag: "summer"), [])
            try await expect(StateFilter(states: held, selector: DeliveryFilter(channel: .sms)), [])
            try await expect(StateFilter(selector: DeliveryFilter(provider: "acme")), ["ann", "bob", "eve", "fay"])
            try await expect(StateFilter(states: [.failed], selector: DeliveryFilter(provider: "acme")), ["bob"])
            try await expect(StateFilter(states: [.failed], selector: DeliveryFilter(provider: "other")), [])
            try await expect(StateFilter(states: [.failed], recipient: "ann"), [])
            try await expect(StateFilter(recipient: "bob"), ["bob"])
            try await expect(StateFilter(states: [.failed, .held], since: start), ["bob", "cy"])
            try await expect(StateFilter(states: [.failed, .held], until: start), [])
            try await expect(StateFilter(states: [.queued], selector: DeliveryFilter(campaign: "spring")), [])
            await driver.store.close()
        },
        ConformanceCheck("A hold that is repeated keeps the time at which it began") { test in
            let driver = try await StoreDriver(test)
            let start = driver.time.now()
            try await driver.enqueue(StoreDriver.draft("ann"))
            for _ in 0..<3 {
                let dueAt = driver.time.now() + .seconds(10)
                _ = try await driver.admit(driver.claim(1)) { _, _, _ in
                    var decision = AdmissionDecision(verdict: .hold(until: dueAt, .noProvider), policyVersion: 3)
                    decision.isEndless = true
                    return decision
                }
                driver.time.advance(by: .seconds(20))
            }
            let group = try await driver.store.queue(at: driver.time.now(), limit: 9).groups[0]
            try requireEqual(group.oldestAt, start)
            try requireEqual(try await ids(driver, StateFilter(states: [.held], until: start + .seconds(1))).count, 1)
            await driver.store.close()
        },
        ConformanceCheck("A message with several deliveries is listed once") { test in
            let driver = try await StoreDriver(test)
            let id = try await driver.enqueue(StoreDriver.draft(channels: [.email, .sms], route: .all))[0]
            let hold = StoreDriver.always(.hold(until: driver.time.now() + .seconds(60), .quietHours))
            _ = try await driver.admit(driver.claim(2), hold)
            let found = try await list(driver, StateFilter(states: [.held]))
            try requireEqual(found.map(\.message.id), [id])
            try requireEqual(found[0].matching, [id.delivery(0), id.delivery(1)])
            let sms = try await list(driver, StateFilter(states: [.held], selector: DeliveryFilter(channel: .sms)))
            try requireEqual(sms.map(\.matching), [[id.delivery(1)]])
            await driver.store.close()
        },
        ConformanceCheck("A cursor of another list is refused, and messages are looked up by id in the given order") {
            test in
            let driver = try await StoreDriver(test)
            let ids = try await tell(driver)
            let page = try await driver.store.messages(StateFilter(), after: nil, limit: 1)
            for (filter, cursor) in [
                (StateFilter(states: [.held]), try requireSome(page.next)), (StateFilter(), StateCursor("nonsense")!),
            ] {
                do {
                    _ = try await driver.store.messages(filter, after: cursor, limit: 1)
                    try require(false, "\(cursor) was taken")
                } catch let error as StoreError { try requireEqual(error.code, .cursor) }
            }
            let wanted = [try requireSome(ids["gus"]), MessageID(rawValue: 1 << 30), try requireSome(ids["ann"])]
            let rows = try await driver.store.messages(wanted)
            try requireEqual(rows.map(\.message.id), [wanted[0], wanted[2]])
            try requireEqual(rows.map(\.last).map { $0.map(\.state) }, [[.queued], [.sent]])
            await driver.store.close()
        },
        ConformanceCheck("What is in flight, was accepted or has an unknown outcome may have been sent, nothing else") {
            test in
            var driver = try await StoreDriver(test)
            var ids = try await tell(driver)
            _ = try await driver.store.cancel(requireSome(ids["gus"]))
            ids["ida"] = try await driver.enqueue(StoreDriver.draft("ida"))[0]
            try await driver.record(driver.start(), .unknown, .unknown)
            for _ in 0..<2 {
                let all = ids.values.map { $0.delivery(0) }
                let sent = try await driver.store.possiblySent(all)
                try requireEqual(sent, Set(["ann", "fay", "ida"].compactMap { ids[$0]?.delivery(0) }))
                driver = try await driver.reopened()
            }
            await driver.store.close()
        },
        ConformanceCheck("What was pruned or erased is in no list") { test in
            let driver = try await StoreDriver(test)
            try await driver.store.put([StoreDriver.person("cy")])
            try await tell(driver)
            _ = try await driver.store.erase("cy")
            try requireEqual(try await list(driver, StateFilter(states: [.held])), [])
            try requireEqual(try await list(driver, StateFilter(states: [.cancelled])).count, 1)
            driver.time.advance(by: .seconds(10))
            // The newest entry of the log is kept.
            try await driver.enqueue(StoreDriver.draft("zoe"))
            _ = try await driver.store.prune(
                messagesBefore: driver.time.now(), ledgerBefore: .distantPast, idempotencyBefore: .distantPast,
                limit: 99)
            for state in [DeliveryState.failed, .dropped, .cancelled] {
                try requireEqual(try await list(driver, StateFilter(states: [state])), [], "\(state)")
            }
            await driver.store.close()
        },
    ]

    private static func requireAdmitted(_ results: [AdmissionResult]) throws -> AdmittedAttempt {
        guard case .admitted(let attempt)? = results.first else {
            throw ConformanceFailure(description: "a delivery that may be sent was not admitted")
        }
        return attempt
    }
}
