import SobreModel
import SobreStore

extension StoreConformance {
    static let history: [ConformanceCheck] = [
        ConformanceCheck("The history of a message tells every step of each of its deliveries, oldest first") { test in
            let driver = try await StoreDriver(test)
            let id = try await driver.enqueue(StoreDriver.draft(channels: [.email, .sms], route: .all))[0]
            try await driver.enqueue(StoreDriver.draft("other"))
            let admitted = try await driver.start()
            try await driver.record(admitted, .sent, .sent)
            let entries = try await driver.store.history(of: id)
            try requireEqual(entries.map(\.delivery), [0, 1, 0, 0].map(id.delivery))
            try requireEqual(entries.map(\.state), [.queued, .queued, .attempting, .sent])
            try requireEqual(entries.map(\.sequence), entries.map(\.sequence).sorted())
            let last = entries[3]
            try requireEqual(last.reason, "because")
            try requireEqual(last.detail, "words")
            try requireEqual(last.channel, .email)
            try requireEqual(last.policyVersion, 3)
            try requireEqual(try await driver.store.history(of: MessageID(rawValue: 1 << 30)), [])
            await driver.store.close()
        },
        ConformanceCheck("The log of a message does not change when its attempts are pruned, and goes with the message")
        {
            test in
            let driver = try await StoreDriver(test)
            let id = try await driver.enqueue(StoreDriver.draft("ann"))[0]
            try await driver.record(driver.start(), .notSent, .deferred(Wait(.seconds(1))))
            driver.time.advance(by: .seconds(2))
            try await driver.record(driver.start(), .sent, .sent)
            driver.time.advance(by: .seconds(2))
            let later = try await driver.enqueue(StoreDriver.draft("bob"))[0]
            try await driver.record(driver.start(), .sent, .sent)
            let log = try await driver.logForward(limit: 50)
            let history = try await driver.store.history(of: id)
            try requireEqual(history.map(\.state), [.queued, .attempting, .deferred, .attempting, .sent])
            _ = try await driver.store.prune(
                messagesBefore: .distantPast, ledgerBefore: driver.time.now(), idempotencyBefore: .distantPast, limit: 9
            )
            try requireEqual(try await driver.facts("ann").ledger, [])
            try requireEqual(try await driver.logForward(limit: 2), log)
            try requireEqual(try await driver.store.history(of: id), history)
            try requireEqual(try await driver.store.log(LogQuery(recipient: "ann")).rows.count, 5)
            _ = try await driver.store.prune(
                messagesBefore: driver.time.now(), ledgerBefore: .distantPast, idempotencyBefore: .distantPast, limit: 9
            )
            try requireEqual(try await driver.store.history(of: id), [])
            try requireEqual(Set(try await driver.logForward(limit: 2).map(\.entry.delivery.message)), [later])
            let again = try await driver.reopened()
            try requireEqual(try await again.logForward(limit: 50), log.filter { $0.recipient == "bob" })
            await again.store.close()
        },
        ConformanceCheck("Every filter of the log holds, and all together") { test in
            let driver = try await StoreDriver(test)
            try await driver.enqueue(
                StoreDriver.draft("ann", campaign: "one", template: "x"),
                StoreDriver.draft("bob", channels: [.email, .sms], route: .all, category: "news", campaign: nil))
            let start = driver.time.now()
            driver.time.advance(by: .seconds(10))
            let admitted = try await driver.start()
            try await driver.record(admitted, .sent, .sent)
            func count(_ change: (inout LogQuery) -> Void) async throws -> Int {
                var query = LogQuery()
                change(&query)
                return try await driver.store.log(query).rows.count
            }
            try requireEqual(try await count { $0.limit = 50 }, 5)
            try requireEqual(try await count { $0.states = [.sent, .attempting] }, 2)
            try requireEqual(try await count { $0.channels = [.email] }, 2)
            try requireEqual(try await count { $0.reasons = ["because"] }, 1)
            try requireEqual(try await count { $0.recipient = "ann" }, 3)
            try requireEqual(try await count { $0.recipient = "bob" }, 2)
            try requireEqual(try await count { $0.campaign = "one" }, 3)
            try requireEqual(try await count { $0.category = "news" }, 2)
            try requireEqual(try await count { $0.template = "x" }, 3)
            try requireEqual(try await count { $0.provider = "acme" }, 2)
            try requireEqual(try await count { $0.since = start + .seconds(1) }, 2)
            try requireEqual(try await count { $0.until = start + .seconds(1) }, 3)
            try requireEqual(
                try await count {
                    $0.recipient = "ann"
                    $0.states = [.sent]
                    $0.campaign = "one"
                    $0.channels = [.email]
                }, 1)
            try requireEqual(
                try await count {
                    $0.recipient = "bob"
                    $0.states = [.sent]
                }, 0)
            let row = try await driver.store.log(LogQuery(limit: 1)).rows[0]
            try requireEqual(row.recipient, "ann")
            try requireEqual(row.template, "x")
            try requireEqual(row.campaign, "one")
            try requireEqual(row.category, "marketing")
            await driver.store.close()
        },
        ConformanceCheck("A timeline tells a person's messages, newest first, with where each delivery stands") {
            test in
            let driver = try await StoreDriver(test)
            let first = try await driver.enqueue(StoreDriver.draft("ann"))[0]
            try await driver.enqueue(StoreDriver.draft("bob"))
            try await driver.record(driver.start(), .sent, .sent)
            let second = try await driver.enqueue(StoreDriver.draft("ann", channels: [.email, .sms], route: .all))[0]
            let items = try await driver.store.timeline(recipient: "ann", limit: 10)
            try requireEqual(items.map(\.message.id), [second, first])
            try requireEqual(items.map { $0.last.map(\.state) }, [[.queued, .queued], [.sent]])
            try requireEqual(try await driver.store.timeline(recipient: "ann", limit: 1).map(\.message.id), [second])
            try requireEqual(try await driver.store.timeline(recipient: "nobody", limit: 10), [])
            let again = try await driver.reopened()
            try requireEqual(try await again.store.timeline(recipient: "ann", limit: 10), items)
            await again.store.close()
        },
        ConformanceCheck("The totals count every delivery once, through all its states and over a restart") { test in
            let driver = try await StoreDriver(test)
            try await driver.enqueue(
                StoreDriver.draft(), StoreDriver.draft(), StoreDriver.draft(),
                StoreDriver.draft(sendAt: driver.time.now() + .seconds(60)))
            try requireEqual(try await driver.store.totals(), [.queued: 3, .scheduled: 1])
            let admitted = try await driver.start()
            _ = try await driver.admit(driver.claim(1), StoreDriver.always(.drop(.suppressed)))
            try requireEqual(try await driver.store.totals(), [.queued: 1, .scheduled: 1, .attempting: 1, .dropped: 1])
            try await driver.record(admitted, .notSent, .deferred(Wait(.seconds(5))))
            let expected: [DeliveryState: Int] = [.queued: 1, .scheduled: 1, .deferred: 1, .dropped: 1]
            try requireEqual(try await driver.store.totals(), expected)
            let again = try await driver.reopened()
            try requireEqual(try await again.store.totals(), expected)
            await again.store.close()
        },
    ]
}
