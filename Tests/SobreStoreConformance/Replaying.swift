import SobreModel
import SobreStore

/// Retries and cancellations of what was found by its state.
extension StoreConformance {
    /// Carries out an order to its end, in steps of one message.
    private static func carryOut(_ driver: StoreDriver, _ order: StateOrder) async throws -> StateOrderStep {
        // Only what failed before the order is retried.
        if order.action == .retry { driver.time.advance(by: .milliseconds(1)) }
        var sum = StateOrderStep()
        repeat {
            sum.add(
                try await order.step(on: driver.store, after: sum.next, limit: 1, now: driver.time.now()))
        } while sum.next != nil
        return sum
    }

    private static let ann = Author(name: "command:ann", note: "relay repaired")

    static let replaying: [ConformanceCheck] = [
        ConformanceCheck("A retry queues what failed as if it were new, once, with the word of its author") { test in
            let driver = try await StoreDriver(test)
            let ids = try await tell(driver)
            let order = StateOrder(.retry, StateFilter(selector: DeliveryFilter(campaign: "summer")))
            var dry = order
            dry.isDryRun = true
            let before = try await driver.logForward(limit: 99)
            let counted = try await carryOut(driver, dry)
            try requireEqual(try await driver.logForward(limit: 99), before, "the log after a dry run")
            let sum = try await Author.$current.withValue(ann) { try await carryOut(driver, order) }
            try requireEqual(sum, counted, "what was done")
            try requireEqual(sum.results, [.changed: 1])
            let group = StateOrderStep.Group(state: .failed, channel: .email, campaign: "summer", reason: "because")
            try requireEqual(sum.groups, [group: 1])
            let bob = try requireSome(ids["bob"])
            let last = try requireSome(try await driver.store.history(of: bob).last)
            try requireEqual(last.state, .queued)
            try requireEqual(last.reason, "retried")
            try requireEqual(last.detail, "by command:ann: relay repaired")
            try requireEqual(last.dueAt, driver.time.now())
            try require(!last.possibleDuplicate, "a failed message is flagged")
            // Another run finds nothing, before and after it was sent.
            try requireEqual(try await carryOut(driver, order).matched, 0)
            let claimed = try await driver.claim().filter { $0.claim.delivery.message == bob }
            try requireEqual(claimed.map(\.attempts), [0])
            try requireEqual(claimed.map(\.channel), [nil])
            guard case .admitted(let attempt) = try await driver.admit(claimed)[0] else {
                throw ConformanceFailure(description: "a message that was queued again was not admitted")
            }
            try await driver.record(attempt, .sent, .sent)
            try requireEqual(try await carryOut(driver, order).matched, 0)
            await driver.store.close()
        },
        ConformanceCheck("A target that changed since it was seen, or cannot change, is left alone") { test in
            let driver = try await StoreDriver(test)
            try await tell(driver)
            let failed = try await list(driver, StateFilter(states: [.failed]))[0]
            let seen = StateTarget(delivery: failed.matching[0], sequence: failed.last[0].sequence)
            func apply(_ action: StateAction, _ targets: [StateTarget]) async throws -> [StateChangeResult] {
                try await driver.store.apply(action, to: targets, selectedBy: StateFilter(), repeatingUnknown: false)
            }
            try requireEqual(try await apply(.cancel, [seen]), [.notPossible])
            try requireEqual(try await apply(.retry, [seen, seen]), [.changed, .changedMeanwhile])
            try requireEqual(try await apply(.retry, [seen]), [.changedMeanwhile])
            let sent = try await list(driver, StateFilter(states: [.sent]))[0]
            let other = StateTarget(delivery: sent.matching[0], sequence: sent.last[0].sequence)
            try requireEqual(try await apply(.retry, [other]), [.notPossible])
            let nothing = StateTarget(delivery: DeliveryID(rawValue: 1 << 30), sequence: 1)
            try requireEqual(try await apply(.retry, [nothing]), [.changedMeanwhile])
            await driver.store.close()
        },
        ConformanceCheck("What may have been sent is queued again only on an order that says so, and is flagged") {
            test in
            let driver = try await StoreDriver(test)
            // Unknown; and failed after an attempt with an unknown outcome.
            try await driver.enqueue(StoreDriver.draft("ann", channels: [.sms, .email]))
            let first = try await driver.start()
            try await driver.record(first, .unknown, .unknown)
            try await driver.enqueue(StoreDriver.draft("bob"))
            try await driver.record(driver.start(), .unknown, .deferred(.none), possibleDuplicate: true)
            try await driver.record(driver.start(), .notSent, .failed, possibleDuplicate: true)
            let filter = StateFilter(states: [.failed, .unknown])
            try require(StateOrder(.retry, filter).objection != nil, "unknown is retried without a word")
            for isDryRun in [true, false] {
                let order = StateOrder(.retry, StateFilter(states: [.failed]), isDryRun: isDryRun)
                try requireEqual(try await carryOut(driver, order).results, [.mayHaveBeenSent: 1])
            }
            // Asked for directly, too.
            let rows = try await list(driver, filter)
            let targets = rows.map { StateTarget(delivery: $0.matching[0], sequence: $0.last[0].sequence) }
            let refused = try await driver.store.apply(
                .retry, to: targets, selectedBy: filter, repeatingUnknown: false)
            try requireEqual(refused, [.mayHaveBeenSent, .mayHaveBeenSent])
            for row in rows { _ = try await driver.store.retry(row.message.id) }
            try requireEqual(try await list(driver, StateFilter(states: [.queued])), [])
            // With the word for it, on the channel and by the provider of the first time.
            let order = StateOrder(.retry, filter, repeatsUnknown: true)
            try requireEqual(order.objection, nil)
            try requireEqual(try await carryOut(driver, order).results, [.changed: 2])
            let claimed = try await driver.claim()
            try requireEqual(claimed.map(\.possibleDuplicate), [true, true])
            try requireEqual(claimed.map(\.provider), ["acme", "acme"])
            try requireEqual(claimed.map(\.channel), [.email, .email])
            await driver.store.close()
        },
        ConformanceCheck("What a rule has dropped is decided anew, and may be dropped again") { test in
            let driver = try await StoreDriver(test)
            let ids = try await tell(driver)
            let dan = try requireSome(ids["dan"])
            let order = StateOrder(.retry, StateFilter(states: [.dropped]))
            try requireEqual(try await carryOut(driver, order).results, [.changed: 1])
            let claimed = try await driver.claim().filter { $0.claim.delivery.message == dan }
            _ = try await driver.admit(claimed, StoreDriver.always(.drop(.noConsent)))
            try requireEqual(
                try await driver.store.history(of: dan).map(\.state), [.queued, .dropped, .queued, .dropped])
            await driver.store.close()
        },
        ConformanceCheck("What fails again while an order is carried out is not retried again by it") { test in
            let driver = try await StoreDriver(test)
            for name in ["ann", "bob", "cy"] {
                try await driver.enqueue(StoreDriver.draft(name))
                try await driver.record(driver.start(), .notSent, .failed)
            }
            let order = StateOrder(.retry, StateFilter(states: [.failed]))
            var sum = StateOrderStep()
            repeat {
                driver.time.advance(by: .seconds(1))
                sum.add(try await order.step(on: driver.store, after: sum.next, limit: 1, now: driver.time.now()))
                while !(try await driver.store.depth().waiting == 0) {
                    try await driver.record(driver.start(), .notSent, .failed)
                }
            } while sum.next != nil
            try requireEqual(sum.results, [.changed: 3])
            await driver.store.close()
        },
        ConformanceCheck("A cancellation ends what waits and matches, and leaves the rest of its message") { test in
            let driver = try await StoreDriver(test)
            let ids = try await tell(driver)
            let two = try await driver.enqueue(
                StoreDriver.draft("ida", channels: [.email, .sms], route: .all, campaign: "spring"))[0]
            let order = StateOrder(
                .cancel, StateFilter(selector: DeliveryFilter(campaign: "spring", channel: .email)))
            let sum = try await Author.$current.withValue(ann) { try await carryOut(driver, order) }
            try requireEqual(sum.results, [.changed: 3])
            for name in ["cy", "hal"] {
                let last = try await driver.store.history(of: requireSome(ids[name])).last
                try requireEqual(last?.state, .cancelled)
                try requireEqual(last?.detail, "by command:ann: relay repaired")
            }
            try requireEqual(try await driver.state(two.delivery(0)), .cancelled)
            try requireEqual(try await driver.state(two.delivery(1)), .queued)
            try requireEqual(try await carryOut(driver, order).matched, 0)
            // What is cancelled as a whole is not retried when its attempt fails.
            let fay = try requireSome(ids["fay"])
            try requireEqual(try await driver.state(fay.delivery(0)), .attempting)
            try require(
                StateOrder(.cancel, StateFilter(states: [.attempting])).objection != nil, "in flight is cancelled")
            await driver.store.close()
        },
    ]

    static let auditing: [ConformanceCheck] = [
        ConformanceCheck("Every change that has an author is in the audit trail, newest first, and survives a restart")
        {
            test in
            var driver = try await StoreDriver(test)
            let store = driver.store
            let ids = try await tell(driver)
            // Without an author there is nothing but the policy.
            _ = try await store.register(policy: "one")
            let person = StoreDriver.person("cy")
            try await store.put([person, StoreDriver.person("gus")])
            let consent = Consent(category: "news", granted: true, at: driver.time.now(), source: "form")
            let suppression = Suppression(
                subject: .recipient("hal"), label: "hal", reason: .manual, source: "api", at: driver.time.now())
            try await Author.$current.withValue(ann) {
                _ = try await store.cancel(requireSome(ids["gus"]))
                _ = try await store.retry(requireSome(ids["bob"]))
                _ = try await store.take([ConsentStatement(recipient: "cy", consent: consent)])
                try await store.suppress([suppression])
                _ = try await store.lift(
                    subject: suppression.subject, channel: nil, category: nil, by: SuppressionLifting(source: "api"))
                let key = APIKeyRecord(
                    id: "k_1", label: "x", hash: [1], scopes: ["read"], createdAt: driver.time.now())
                try await store.add(key: key)
                _ = try await store.revoke(key: "k_1")
                _ = try await store.register(policy: "two")
                _ = try await store.merge("gus", into: "cy")
                let pause = try requireSome(
                    await store.pause(.all, until: nil, reason: ann.note, by: ann.name))
                _ = try await store.resume(pause.pause.id)
                _ = try await carryOut(driver, StateOrder(.cancel, StateFilter(states: [.held])))
                // What changes nothing leaves no entry.
                _ = try await store.cancel(requireSome(ids["gus"]))
                _ = try await store.revoke(key: "k_1")
                _ = try await store.register(policy: "two")
            }
            let expected: [AuditAction] = [
                .policy, .cancel, .retry, .consent, .suppress, .lift, .keyCreated, .keyRevoked, .policy, .merge,
                .pause, .resume, .cancel,
            ]
            for _ in 0..<2 {
                let entries = try await driver.store.audit(AuditQuery())
                try requireEqual(entries.map(\.action), expected.reversed())
                try requireEqual(Set(entries.dropLast().map(\.author)), [ann])
                try requireEqual(entries.last?.author, Author.policyFile)
                try requireEqual(entries[11].subject, "message \(try requireSome(ids["gus"]))")
                try require(entries[0].subject.contains("state held"), "the conditions are \(entries[0].subject)")
                try requireEqual(entries[9].subject, "cy")
                try requireEqual(entries[1...2].map(\.subject), ["everything", "everything"])
                try requireEqual(Set(entries.map(\.at)), [driver.time.now()])
                // Page by page, and by each condition.
                var pages: [AuditEntry] = []
                while true {
                    let page = try await driver.store.audit(AuditQuery(before: pages.last?.sequence, limit: 3))
                    pages += page
                    if page.isEmpty { break }
                }
                try requireEqual(pages, entries)
                try requireEqual(try await driver.store.audit(AuditQuery(actions: [.merge])).count, 1)
                try requireEqual(try await driver.store.audit(AuditQuery(author: ann.name)).count, 12)
                try requireEqual(try await driver.store.audit(AuditQuery(until: driver.time.now())), [])
                driver = try await driver.reopened()
            }
            await driver.store.close()
        },
        ConformanceCheck("An erasure leaves no name of the person in the audit trail") { test in
            let driver = try await StoreDriver(test)
            let store = driver.store
            var profile = StoreDriver.person("ann", email: "ann@example.com")
            profile.aliases = ["customer-7"]
            try await store.put([profile])
            let id = try await driver.enqueue(StoreDriver.draft("ann"))[0]
            let address = profile.addresses[0]
            let author = Author(name: "key:k_1", note: "ann asked from ann@example.com")
            try await Author.$current.withValue(author) {
                _ = try await store.cancel(id)
                try await store.suppress([
                    Suppression(
                        subject: address.subject, label: "a…@example.com", reason: .manual, source: "api",
                        at: driver.time.now())
                ])
                let consent = Consent(category: "news", granted: false, at: driver.time.now(), source: "form")
                _ = try await store.take([ConsentStatement(recipient: "customer-7", consent: consent)])
                _ = try await store.erase("ann")
            }
            let entries = try await store.audit(AuditQuery())
            try requireEqual(entries.map(\.action), [.erase, .consent, .suppress, .cancel])
            for entry in entries {
                let text = "\(entry.subject) \(entry.detail) \(entry.author.note)"
                for word in ["ann@example.com", "a…@example.com", "customer-7"] {
                    try require(!text.contains(word), "\(entry.action): \(text)")
                }
                try require(entry.subject.hasPrefix("erased-"), entry.subject)
                try requireEqual(entry.author.name, "key:k_1")
            }
            await store.close()
        },
        ConformanceCheck("A change that the store does not make is in the audit trail in the name of its author") {
            test in
            let store = try await StoreDriver(test).store
            try await store.audit(.reload, subject: "settings", detail: "by nobody")
            try await Author.$current.withValue(Author(name: "key:k_1", note: "new rate")) {
                try await store.audit(.reload, subject: "settings", detail: "changed: providers.relay")
            }
            let entries = try await store.audit(AuditQuery(actions: [.reload]))
            try requireEqual(entries.map(\.detail), ["changed: providers.relay"])
            try requireEqual(entries.map(\.author), [Author(name: "key:k_1", note: "new rate")])
            await store.close()
        },
        ConformanceCheck("Old entries of the audit trail are removed, the newest stays, and numbers are not used twice")
        {
            test in
            let driver = try await StoreDriver(test)
            for text in ["a", "b", "c"] {
                _ = try await driver.store.register(policy: text)
                driver.time.advance(by: .seconds(10))
            }
            let before = try await driver.store.audit(AuditQuery())
            try requireEqual(try await driver.store.pruneAudit(before: driver.time.now(), limit: 1), 1)
            try requireEqual(try await driver.store.pruneAudit(before: driver.time.now(), limit: 9), 1)
            try requireEqual(try await driver.store.pruneAudit(before: driver.time.now(), limit: 9), 0)
            _ = try await driver.store.register(policy: "d")
            let after = try await driver.store.audit(AuditQuery())
            try requireEqual(after.map(\.subject), ["policy version 4", "policy version 3"])
            try require(after[0].sequence > before[0].sequence, "a number is used twice")
            await driver.store.close()
        },
    ]
}
