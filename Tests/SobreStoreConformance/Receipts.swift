import SobreModel
import SobreStore

extension StoreConformance {
    /// Accepts every receipt as true.
    static let believe: ReceiptDecider = { facts, now in
        var fold = facts.fold
        guard fold.add(facts.receipt.kind, ReceiptFold.Event(at: facts.receipt.at)) else { return .ignore("known") }
        var effect = ReceiptEffect(fold: fold)
        effect.entry = facts.last
        effect.entry?.state = fold.state(from: facts.last.state)
        effect.entry?.reason = facts.receipt.kind.description
        effect.entry?.dueAt = nil
        return .apply(effect)
    }

    static func receipt(
        _ kind: Receipt.Kind, _ delivery: DeliveryID? = nil, eventID: String? = nil, providerID: String? = nil,
        at: Instant = start
    ) -> Receipt {
        Receipt(provider: "acme", eventID: eventID, delivery: delivery, providerID: providerID, kind: kind, at: at)
    }

    @discardableResult
    static func apply(
        _ driver: StoreDriver, patience: Duration = .seconds(3600), _ decide: @escaping ReceiptDecider = believe
    ) async throws -> ReceiptRound {
        try await driver.store.applyReceipts(limit: 100, patience: patience, deciding: decide)
    }

    static let receipts: [ConformanceCheck] = [
        ConformanceCheck("Receipts are kept once: by event id, or by message, kind and time; also over a restart") {
            test in
            var driver = try await StoreDriver(test)
            let id = try await driver.enqueue(StoreDriver.draft())[0].delivery(0)
            let named = receipt(.opened, id, eventID: "e1")
            let bare = receipt(.opened, id)
            let first = try await driver.store.append([named, named, bare, bare], maxWaiting: 10)
            try requireEqual(first, ReceiptIntake(kept: 2, repeated: 2))
            driver = try await driver.reopened()
            var again = named
            again.kind = .clicked
            let second = try await driver.store.append(
                [again, bare, receipt(.opened, id, at: start + .seconds(1))], maxWaiting: 10)
            try requireEqual(second, ReceiptIntake(kept: 1, repeated: 2))
            try requireEqual(try await driver.store.receiptTotals(), [.waiting: 3])
            await driver.store.close()
        },
        ConformanceCheck("A full inbox takes nothing of a batch") { test in
            let driver = try await StoreDriver(test)
            let id = try await driver.enqueue(StoreDriver.draft())[0].delivery(0)
            _ = try await driver.store.append([receipt(.delivered, id)], maxWaiting: 2)
            do {
                _ = try await driver.store.append([receipt(.opened, id), receipt(.clicked, id)], maxWaiting: 2)
                throw ConformanceFailure(description: "too many receipts were kept")
            } catch let error as StoreError { try requireEqual(error.code, .overloaded) }
            try requireEqual(try await driver.store.receiptTotals(), [.waiting: 1])
            await driver.store.close()
        },
        ConformanceCheck("An applied receipt moves the delivery, its log and the totals together") { test in
            let driver = try await StoreDriver(test)
            let id = try await driver.enqueue(StoreDriver.draft())[0]
            try await driver.record(try await driver.start(), .unknown, .unknown)
            _ = try await driver.store.append([receipt(.delivered, id.delivery(0))], maxWaiting: 10)
            try requireEqual(try await apply(driver).applied, 1)
            try requireEqual(try await driver.state(id.delivery(0)), .delivered)
            try requireEqual(try await driver.store.totals(), [.delivered: 1])
            try requireEqual(try await apply(driver).applied, 0)
            let rows = try await driver.store.receipts(of: id, limit: 10)
            try requireEqual(rows.map(\.standing), [.applied])
            await driver.store.close()
        },
        ConformanceCheck("A receipt before its message waits for it, and lapses when it does not come") { test in
            let driver = try await StoreDriver(test)
            let early = try await driver.enqueue(StoreDriver.draft())[0]
            let admitted = try await driver.start()
            let unknown = DeliveryID(rawValue: early.rawValue + (1 << 30))
            let waits: ReceiptDecider = { facts, now in
                facts.last.state == .attempting ? .wait("in flight") : believe(facts, now)
            }
            _ = try await driver.store.append(
                [receipt(.delivered, early.delivery(0)), receipt(.opened, unknown)], maxWaiting: 10)
            let first = try await apply(driver, waits)
            try requireEqual(first.waiting, 2)
            try requireEqual(first.nextDueAt.map { $0 > driver.time.now() }, true)
            try await driver.record(admitted, .sent, .sent)
            driver.time.advance(by: .seconds(61))
            try requireEqual(try await apply(driver, waits).applied, 1)
            try requireEqual(try await driver.state(early.delivery(0)), .delivered)
            driver.time.advance(by: .seconds(3600))
            try requireEqual(try await apply(driver, waits).lapsed, 1)
            try requireEqual(try await apply(driver, waits).nextDueAt, nil)
            await driver.store.close()
        },
        ConformanceCheck("A receipt that names only the provider's id finds its delivery, of that provider alone") {
            test in
            let driver = try await StoreDriver(test)
            let id = try await driver.enqueue(StoreDriver.draft())[0]
            let admitted = try await driver.start()
            var foreign = receipt(.complained, providerID: "id-1")
            foreign.provider = "other"
            _ = try await driver.store.append([receipt(.opened, providerID: "id-1"), foreign], maxWaiting: 10)
            try requireEqual(try await apply(driver).waiting, 2)
            try await driver.record(admitted, .sent, .sent)
            driver.time.advance(by: .seconds(61))
            let round = try await apply(driver)
            try requireEqual(round.applied, 1)
            try requireEqual(round.waiting, 1)
            try requireEqual(try await driver.state(id.delivery(0)), .opened)
            await driver.store.close()
        },
        ConformanceCheck("A delivery that waits for its second hand-over is taken out of the line by a receipt") {
            test in
            let driver = try await StoreDriver(test)
            let id = try await driver.enqueue(StoreDriver.draft())[0]
            let admitted = try await driver.start()
            try await driver.record(admitted, .unknown, .deferred(.none), possibleDuplicate: true)
            let claimed = try await driver.claim()
            try requireEqual(claimed.count, 1)
            _ = try await driver.store.append([receipt(.delivered, id.delivery(0))], maxWaiting: 10)
            try requireEqual(try await apply(driver).applied, 1)
            guard case .stale = try await driver.admit(claimed)[0] else {
                throw ConformanceFailure(description: "it was sent again although it was delivered")
            }
            try requireEqual(try await driver.claim().count, 0)
            try requireEqual(try await driver.store.totals(), [.delivered: 1])
            try requireEqual(try await driver.store.depth().waiting, 0)
            try requireEqual(try await driver.facts().ledger.map(\.state), [.committed])
            await driver.store.close()
        },
        ConformanceCheck("A released contact no longer counts, one spent anew does, also after a restart") { test in
            var driver = try await StoreDriver(test)
            let id = try await driver.enqueue(StoreDriver.draft())[0]
            let admitted = try await driver.start()
            try await driver.record(admitted, .unknown, .unknown)
            func counted() async throws -> Int {
                try await driver.facts().ledger.count { $0.state != .released }
            }
            try requireEqual(try await counted(), 1)
            _ = try await driver.store.append([receipt(.rejected, id.delivery(0))], maxWaiting: 10)
            try await apply(driver) { facts, now in
                guard case .apply(var effect) = believe(facts, now) else { return .ignore("") }
                effect.released = facts.attempts.map(\.ledgerID)
                return .apply(effect)
            }
            try requireEqual(try await counted(), 0)
            driver = try await driver.reopened()
            try requireEqual(try await counted(), 0)
            driver.time.advance(by: .seconds(5))
            _ = try await driver.store.append([receipt(.delivered, id.delivery(0))], maxWaiting: 10)
            try await apply(driver) { facts, now in
                guard case .apply(var effect) = believe(facts, now) else { return .ignore("") }
                effect.committed = facts.attempts.map(\.ledgerID)
                return .apply(effect)
            }
            try requireEqual(try await counted(), 1)
            driver = try await driver.reopened()
            try requireEqual(try await driver.facts().ledger.map(\.committedAt), [driver.time.now() - .seconds(5)])
            await driver.store.close()
        },
        ConformanceCheck("Counters of a person and of everybody add up, and nothing falls below zero") { test in
            var driver = try await StoreDriver(test)
            let ids = try await driver.enqueue(StoreDriver.draft("ann"), StoreDriver.draft("bob"))
            for _ in ids { try await driver.record(try await driver.start(), .sent, .sent) }
            _ = try await driver.store.append(ids.map { receipt(.opened, $0.delivery(0)) }, maxWaiting: 10)
            try await apply(driver) { facts, now in
                guard case .apply(var effect) = believe(facts, now) else { return .ignore("") }
                effect.engagement = [
                    .init(.event(.delivered, .email), 1), .init(.event(.opened, .email), 1), .init(.hour(167), 1),
                    .init(.hour(0), -1),
                ]
                return .apply(effect)
            }
            driver = try await driver.reopened()
            let (own, prior) = try await driver.store.engagement(of: "ann")
            var expected = Engagement()
            expected.record(.delivered, on: .email)
            expected.record(.opened, on: .email, hourOfWeek: 167)
            try requireEqual(own, expected)
            expected.merge(expected)
            try requireEqual(prior, expected)
            try requireEqual(try await driver.store.engagement(of: "nobody").own, .none)
            try requireEqual(try await driver.facts().engagement, own)
            await driver.store.close()
        },
        ConformanceCheck("Of two profiles that become one the counters become one") { test in
            let driver = try await StoreDriver(test)
            try await driver.store.put([StoreDriver.person("bob"), StoreDriver.person("ann")])
            let ids = try await driver.enqueue(StoreDriver.draft("ann"), StoreDriver.draft("bob"))
            for _ in ids { try await driver.record(try await driver.start(), .sent, .sent) }
            _ = try await driver.store.append(ids.map { receipt(.opened, $0.delivery(0)) }, maxWaiting: 10)
            try await apply(driver) { facts, now in
                guard case .apply(var effect) = believe(facts, now) else { return .ignore("") }
                effect.engagement = [
                    .init(.event(.opened, .email), 1), .init(.hour(facts.message.recipient == "ann" ? 5 : 9), 1),
                ]
                return .apply(effect)
            }
            _ = try await driver.store.merge("bob", into: "ann").get()
            var expected = Engagement()
            expected.record(.opened, on: .email, hourOfWeek: 5)
            expected.record(.opened, on: .email, hourOfWeek: 9)
            for id in ["ann", "bob"] { try requireEqual(try await driver.store.engagement(of: id).own, expected) }
            try requireEqual(try await driver.store.engagement(of: "ann").prior, expected)
            await driver.store.close()
        },
        ConformanceCheck("What is done with is forgotten after its time, what waits is not, and repetitions show it") {
            test in
            let driver = try await StoreDriver(test)
            let id = try await driver.enqueue(StoreDriver.draft())[0]
            try await driver.record(try await driver.start(), .sent, .sent)
            let unknown = DeliveryID(rawValue: id.rawValue + (1 << 30))
            _ = try await driver.store.append(
                [receipt(.opened, id.delivery(0)), receipt(.opened, unknown)], maxWaiting: 10)
            try await apply(driver)
            driver.time.advance(by: .seconds(60))
            try requireEqual(try await driver.store.pruneReceipts(before: start, limit: 10), 0)
            try requireEqual(try await driver.store.pruneReceipts(before: driver.time.now(), limit: 10), 1)
            try requireEqual(try await driver.store.receiptTotals(), [.waiting: 1])
            // The combined receipts of a message are kept with the message, so the same receipt again changes nothing.
            _ = try await driver.store.append([receipt(.opened, id.delivery(0))], maxWaiting: 10)
            try requireEqual(try await apply(driver).ignored, 1)
            await driver.store.close()
        },
        ConformanceCheck("An escalation enqueues a delivery a channel, and facts name what came of the earlier ones") {
            test in
            let driver = try await StoreDriver(test)
            let id = try await driver.enqueue(StoreDriver.draft(channels: [.push, .email], route: .escalate))[0]
            try requireEqual(try await driver.store.depth().waiting, 2)
            let admitted = try await driver.start()
            try requireEqual(admitted.delivery, id.delivery(0))
            driver.time.advance(by: .seconds(2))
            try await driver.record(admitted, .sent, .sent)
            let claimed = try await driver.claim()
            try requireEqual(claimed.map(\.claim.delivery), [id.delivery(1)])
            let expected = EarlierDelivery(channel: .email, state: .sent, sentAt: driver.time.now())
            _ = try await driver.admit(claimed) { request, facts, now in
                facts.earlier == [expected] && request.channel == .email
                    ? StoreDriver.always(.hold(until: now + .seconds(60), .awaitsChannel))(request, facts, now)
                    : StoreDriver.send(request, facts, now)
            }
            try requireEqual(try await driver.state(id.delivery(1)), .held)
            _ = try await driver.store.append([receipt(.opened, id.delivery(0))], maxWaiting: 10)
            try await apply(driver) { facts, now in
                guard case .apply(var effect) = believe(facts, now) else { return .ignore("") }
                effect.metEscalation = "push is opened"
                return .apply(effect)
            }
            let last = try await driver.store.history(of: id).last
            try requireEqual(last?.state, .cancelled)
            try requireEqual(last?.reason, "escalation_met")
            try requireEqual(try await driver.store.depth().waiting, 0)
            try requireEqual(try await driver.store.totals(), [.opened: 1, .cancelled: 1])
            await driver.store.close()
        },
    ]
}
