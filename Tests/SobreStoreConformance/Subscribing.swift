import SobreModel
import SobreStore

/// How far subscriptions to events have come: durable, and never overwritten by what was read before an order.
extension StoreConformance {
    static let subscribing: [ConformanceCheck] = [
        ConformanceCheck("A subscription begins once, is saved and is the same after a restart") { test in
            var driver = try await StoreDriver(test)
            try await driver.enqueue(StoreDriver.draft("ann"), StoreDriver.draft("bob"))
            let rows = try await driver.logForward(limit: 10)
            var state = try await driver.store.begin(subscription: "warehouse", after: rows[0].cursor)
            try requireEqual(state, EventSubscriptionState(name: "warehouse", position: rows[0].cursor))
            try requireEqual(try await driver.store.begin(subscription: "warehouse", after: nil), state)
            try requireEqual(
                try await driver.store.begin(subscription: "all", after: nil),
                EventSubscriptionState(name: "all", position: nil))
            state.position = rows[1].cursor
            state.lastEvent = rows[1].cursor
            state.delivered = 1
            state.lastDeliveredAt = driver.time.now()
            state.failingSince = driver.time.now()
            state.tries = 3
            state.lastError = "the receiver answered 503"
            state.lastErrorAt = driver.time.now()
            try require(try await driver.store.save(state), "the state is saved")
            driver = try await driver.reopened()
            try requireEqual(
                try await driver.store.eventSubscriptions(),
                [EventSubscriptionState(name: "all", position: nil), state])
            await driver.store.close()
        },
        ConformanceCheck("What was read before an operator's order is not saved after it") { test in
            let driver = try await StoreDriver(test)
            try await driver.enqueue(StoreDriver.draft("ann"), StoreDriver.draft("bob"))
            let rows = try await driver.logForward(limit: 10)
            var read = try await driver.store.begin(subscription: "s", after: nil)
            read.position = rows[1].cursor
            read.failingSince = driver.time.now()
            try require(try await driver.store.save(read), "nothing came in between")
            let orders: [EventOrder] = [.pause(reason: "upgrade"), .replay(after: rows[0].cursor), .resume]
            for order in orders {
                let new = try requireSome(try await driver.store.carryOut(order, on: "s"))
                try require(new.generation > read.generation, "\(order) counts")
                try require(!(try await driver.store.save(read)), "\(order) came in between")
                try requireEqual(try await driver.store.eventSubscriptions(), [new])
                read = new
            }
            try requireEqual(read.position, rows[0].cursor)
            try requireEqual(read.lastEvent, rows[0].cursor)
            try requireEqual(read.failingSince, nil)
            try requireEqual(read.pausedSince, nil)
            try requireEqual(try await driver.store.carryOut(.resume, on: "nobody"), nil)
            await driver.store.close()
        },
        ConformanceCheck("A pause of a subscription says who, why and since when, and is in the audit trail") { test in
            let driver = try await StoreDriver(test)
            _ = try await driver.store.begin(subscription: "s", after: nil)
            let ann = Author(name: "command:ann", note: "")
            try await Author.$current.withValue(ann) {
                let state = try requireSome(try await driver.store.carryOut(.pause(reason: "upgrade"), on: "s"))
                try requireEqual(state.pausedSince, driver.time.now())
                try requireEqual(state.pausedBy, "command:ann")
                try requireEqual(state.pauseReason, "upgrade")
                _ = try await driver.store.carryOut(.replay(after: nil), on: "s")
                _ = try await driver.store.carryOut(.replaySince(driver.time.now()), on: "s")
                _ = try await driver.store.carryOut(.resume, on: "s")
            }
            let entries = try await driver.store.audit(AuditQuery())
            try requireEqual(
                entries.map(\.action), [.eventsResumed, .eventsReplayed, .eventsReplayed, .eventsPaused])
            try requireEqual(Set(entries.map(\.subject)), ["subscription s"])
            try requireEqual(Set(entries.map(\.author)), [ann])
            try requireEqual(entries[2].detail, "from the beginning")
            await driver.store.close()
        },
        ConformanceCheck("A subscription is set back to a time: nothing from then on is left out") { test in
            let driver = try await StoreDriver(test)
            let start = driver.time.now()
            for index in 0..<40 {
                driver.time.advance(by: .seconds(1))
                try await driver.enqueue(StoreDriver.draft("p\(index)"))
                driver.time.advance(by: .seconds(1))
                try await driver.record(driver.start(), .sent, .sent)
            }
            _ = try await driver.store.begin(subscription: "s", after: nil)
            let all = try await driver.logForward(limit: 1000)
            for second in stride(from: 0, through: 84, by: 3) {
                let time = start + .seconds(second)
                let state = try requireSome(try await driver.store.carryOut(.replaySince(time), on: "s"))
                try requireEqual(state.lastEvent, nil)
                let page = try await driver.store.log(
                    LogQuery(direction: .forward(after: state.position), limit: 1000))
                try requireEqual(page.rows.filter { $0.entry.at >= time }, all.filter { $0.entry.at >= time })
                // No more than the entries of one message are repeated needlessly.
                try require(page.rows.count { $0.entry.at < time } <= 2, "at \(second) s")
            }
            await driver.store.close()
        },
        ConformanceCheck("A cursor after the end of the log, or of another store, is refused") { test in
            let driver = try await StoreDriver(test)
            try await driver.enqueue(StoreDriver.draft("ann"))
            let state = try await driver.store.begin(subscription: "s", after: nil)
            for text in ["999999", "x"] {
                do throws(StoreError) {
                    _ = try await driver.store.carryOut(.replay(after: LogCursor(text)), on: "s")
                    throw StoreError(.internal, "\(text) was taken")
                } catch { try requireEqual(error.code, .cursor) }
            }
            try requireEqual(try await driver.store.eventSubscriptions(), [state])
            await driver.store.close()
        },
        ConformanceCheck("The address of a delivery is the one it went to, while the profile has it") { test in
            let driver = try await StoreDriver(test)
            _ = try await driver.store.put([StoreDriver.person("ann")])
            try await driver.enqueue(StoreDriver.draft("ann"))
            let sent = try await driver.start()
            try await driver.record(sent, .sent, .sent)
            let waiting = try await driver.enqueue(StoreDriver.draft("ann"))[0].delivery(0)
            let asked: Set<DeliveryID> = [sent.delivery, waiting]
            try requireEqual(
                try await driver.store.addresses(of: asked),
                [sent.delivery: Address(channel: .email, value: "ann@example.com")])
            _ = try await driver.store.put([StoreDriver.person("ann", email: "other@example.com")])
            try requireEqual(try await driver.store.addresses(of: asked), [:])
            await driver.store.close()
        },
    ]
}
