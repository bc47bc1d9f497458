import SobreModel
import SobreStore

extension StoreConformance {
    static let api = SuppressionLifting(source: "api")

    static let people: [ConformanceCheck] = [
        ConformanceCheck("A profile can be read back with everything, and is replaced by its id") { test in
            let driver = try await StoreDriver(test)
            try await driver.store.put([StoreDriver.person("ann"), Profile(id: "bare")])
            try requireEqual(try await driver.store.profile("ann"), StoreDriver.person("ann"))
            try requireEqual(try await driver.store.profile("bare"), Profile(id: "bare"))
            try requireEqual(try await driver.store.profile("nobody"), nil)
            var changed = StoreDriver.person("ann")
            changed.locale = nil
            changed.addresses = [Address(channel: .sms, value: "+33612345678")]
            changed.consents = [Consent(category: "news", granted: false)]
            changed.attributes = Array(#"{"a":{"b":null}}"#.utf8)
            try await driver.store.put([changed])
            try requireEqual(try await driver.store.profile("ann"), changed)
            await driver.store.close()
        },
        ConformanceCheck("A changed profile is in force at the next decision, also for what is claimed") { test in
            let driver = try await StoreDriver(test)
            try await driver.store.put([StoreDriver.person("ann")])
            try await driver.enqueue(StoreDriver.draft("ann"))
            let claimed = try await driver.claim()
            var changed = StoreDriver.person("ann")
            changed.consents = []
            try await driver.store.put([changed])
            let expected = changed
            _ = try await driver.admit(claimed) { request, facts, now in
                facts.profile == expected
                    ? AdmissionDecision(verdict: .drop(.noConsent), policyVersion: 3)
                    : StoreDriver.send(request, facts, now)
            }
            try requireEqual(try await driver.total(.dropped), 1)
            await driver.store.close()
        },
        ConformanceCheck("A suppression of the person or of an address is in force at the next decision") { test in
            let driver = try await StoreDriver(test)
            try await driver.store.put([StoreDriver.person("ann")])
            let address = Suppression(
                subject: StoreDriver.person("ann").addresses[1].subject, label: "token…", reason: .invalidToken,
                channel: .push, category: "news", source: "api", at: driver.time.now())
            let person = Suppression(
                subject: .recipient("ann"), label: "ann", reason: .unsubscribed, source: "api", at: driver.time.now())
            let other = Suppression(
                subject: .recipient("bob"), label: "bob", reason: .manual, source: "api", at: driver.time.now())
            try await driver.store.suppress([address, person, other])
            try requireEqual(Set(try await driver.facts("ann").suppressions), [address, person])
            try requireEqual(try await driver.facts("eve").suppressions, [])
            await driver.store.close()
        },
        ConformanceCheck("One suppression a subject, channel, category and reason; lifting removes what it names") {
            test in
            let driver = try await StoreDriver(test)
            func make(_ channel: Channel?, _ category: String?, _ seconds: Int) -> Suppression {
                Suppression(
                    subject: .recipient("ann"), label: "ann", reason: .manual, channel: channel, category: category,
                    source: "api", at: driver.time.now() + .seconds(seconds))
            }
            try await driver.store.suppress([make(nil, nil, 0), make(.email, nil, 1), make(.email, "news", 2)])
            try await driver.store.suppress([make(nil, nil, 3)])
            let subject = KeyHash.recipient("ann")
            let all = [make(nil, nil, 3), make(.email, "news", 2), make(.email, nil, 1)]
            try requireEqual(try await driver.store.suppressions(subject: subject, limit: 10), all)
            try requireEqual(try await driver.store.suppressions(subject: nil, limit: 2), Array(all.prefix(2)))
            try requireEqual(
                try await driver.store.lift(subject: subject, channel: .email, category: "news", by: api), 1)
            try requireEqual(
                try await driver.store.lift(subject: subject, channel: .email, category: "news", by: api), 0)
            try requireEqual(try await driver.store.lift(subject: subject, channel: nil, category: nil, by: api), 2)
            try requireEqual(try await driver.facts("ann").suppressions, [])
            await driver.store.close()
        },
        ConformanceCheck("Suppressions of one reason are lifted by themselves, and those ordered later stay") { test in
            let driver = try await StoreDriver(test)
            let address = Address(channel: .sms, value: "+33612345678")
            func make(_ reason: Suppression.Reason, _ category: String?, _ seconds: Int) -> Suppression {
                Suppression(
                    subject: address.subject, label: address.masked, reason: reason, category: category,
                    source: "inbound", at: driver.time.now() + .seconds(seconds), evidence: "STOP")
            }
            let bounce = make(.hardBounce, nil, 0)
            let late = make(.stopKeyword, "news", 9)
            try await driver.store.suppress([bounce, make(.stopKeyword, nil, 1), late])
            let lifted = try await driver.store.lift(
                subject: address.subject, channel: nil, category: nil, reason: .stopKeyword,
                notAfter: driver.time.now() + .seconds(5), by: api)
            try requireEqual(lifted, 1)
            try requireEqual(
                Set(try await driver.store.suppressions(subject: address.subject, limit: 9)), [bounce, late])
            await driver.store.close()
        },
        ConformanceCheck("All profiles and all suppressions are read page by page, each once") { test in
            let driver = try await StoreDriver(test)
            let ids = (0..<7).map { "p\($0)" }
            try await driver.store.put(ids.map { Profile(id: $0, aliases: ["alias-of-\($0)"]) })
            try await driver.store.suppress(
                ids.flatMap { id in
                    [Suppression.Reason.manual, .complaint].map {
                        Suppression(
                            subject: .recipient(id), label: id, reason: $0, source: "api", at: driver.time.now())
                    }
                })
            var people: [Profile] = []
            while true {
                let page = try await driver.store.profiles(after: people.last?.id, limit: 3)
                if page.isEmpty { break }
                people += page
            }
            try requireEqual(people.map(\.id).sorted(), ids)
            try require(people.allSatisfy { $0.aliases == ["alias-of-\($0.id)"] })
            var all: [Suppression] = []
            while true {
                let page = try await driver.store.suppressions(after: all.last, limit: 3)
                if page.isEmpty { break }
                all += page
            }
            try requireEqual(all.count, 14)
            try requireEqual(Set(all).count, 14)
            await driver.store.close()
        },
        ConformanceCheck("A profile is changed as it stands, or not at all") { test in
            let driver = try await StoreDriver(test)
            struct No: Error, Equatable {}
            try await driver.store.put([StoreDriver.person()])
            guard
                case .changed(let changed) = try await driver.store.change(
                    "ann",
                    by: { profile -> Result<Profile, No> in
                        var profile = profile
                        profile.id = "another"
                        profile.locale = "de-DE"
                        profile.timezone = "Europe/Berlin"
                        profile.caps = RecipientCaps(limits: [.init(rule: "r", limit: 0)], percent: 10)
                        return .success(profile)
                    })
            else { throw ConformanceFailure(description: "it was not changed") }
            var expected = StoreDriver.person()
            expected.locale = "de-DE"
            expected.timezone = "Europe/Berlin"
            expected.caps = RecipientCaps(limits: [.init(rule: "r", limit: 0)], percent: 10)
            expected.formerTimezones = [FormerTimezone(name: "Europe/Paris", leftAt: driver.time.now())]
            try requireEqual(changed, expected)
            guard case .refused(No()) = try await driver.store.change("ann", by: { _ in .failure(No()) }),
                case .unknown = try await driver.store.change("eve", by: { .success($0) as Result<Profile, No> })
            else { throw ConformanceFailure(description: "a refusal or an unknown id was not told") }
            let again = try await driver.reopened()
            try requireEqual(try await again.store.profile("ann"), expected)
            try requireEqual(try await again.facts("ann").profile, expected)
            // No concurrent change is lost.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        _ = try await again.store.change("ann") { profile -> Result<Profile, No> in
                            var profile = profile
                            profile.consents.append(Consent(category: "c\(number)", granted: true))
                            return .success(profile)
                        }
                    }
                }
                try await group.waitForAll()
            }
            try requireEqual(try await again.store.profile("ann")?.consents.count, 21)
            await again.store.close()
        },
    ]

    static let cancelling: [ConformanceCheck] = [
        ConformanceCheck("Cancelling stops what waits, claimed or not, and tells the states") { test in
            let driver = try await StoreDriver(test)
            let later = driver.time.now() + .seconds(60)
            let waiting = try await driver.enqueue(
                StoreDriver.draft(channels: [.sms, .email], route: .all, sendAt: later))[0]
            try requireEqual(
                try await driver.store.cancel(waiting),
                [waiting.delivery(0): .cancelled, waiting.delivery(1): .cancelled])
            let claimedID = try await driver.enqueue(StoreDriver.draft())[0]
            let claimed = try await driver.claim()
            try requireEqual(try await driver.store.cancel(claimedID), [claimedID.delivery(0): .cancelled])
            guard case .stale = try await driver.admit(claimed)[0] else {
                throw ConformanceFailure(description: "a cancelled delivery was admitted")
            }
            driver.time.set(later)
            try requireEqual(try await driver.claim().count, 0)
            try requireEqual(try await driver.store.totals(), [.cancelled: 3])
            try requireEqual(try await driver.store.depth(), QueueDepth(waiting: 0, claimed: 0, inFlight: 0))
            try requireEqual(try await driver.store.cancel(MessageID(rawValue: 1 << 30)), nil)
            await driver.store.close()
        },
        ConformanceCheck("Inbound messages are kept to a bound, newest first, pruned by age and erased with the person")
        { test in
            let driver = try await StoreDriver(test)
            let began = driver.time.now()
            func message(_ number: Int, of address: Address) -> UnmatchedInboundMessage {
                UnmatchedInboundMessage(
                    receivedAt: began + .seconds(number), channel: .sms, sender: address.subject, label: address.masked,
                    provider: number % 2 == 0 ? "acme" : nil, words: "words \(number)")
            }
            let ann = Address(channel: .sms, value: "+12025550123")
            let eve = Address(channel: .sms, value: "+12025550124")
            for number in 1...5 {
                try await driver.store.keep(unmatched: message(number, of: number == 4 ? ann : eve), atMost: 3)
            }
            try requireEqual(
                try await driver.store.unmatchedMessages(limit: 9),
                [message(5, of: eve), message(4, of: ann), message(3, of: eve)])
            try requireEqual(try await driver.store.unmatchedMessages(limit: 1), [message(5, of: eve)])
            _ = try await driver.store.pruneReceipts(before: began + .seconds(4), limit: 100)
            try requireEqual(try await driver.store.unmatchedMessages(limit: 9).map(\.words), ["words 5", "words 4"])
            _ = try await driver.store.put([Profile(id: "ann", addresses: [ann])])
            _ = try await driver.store.erase("ann")
            try requireEqual(try await driver.store.unmatchedMessages(limit: 9).map(\.words), ["words 5"])
            await driver.store.close()
        },
        ConformanceCheck("The activity of a message is kept in the ledger, while it is open and afterwards") { test in
            let driver = try await StoreDriver(test)
            var draft = StoreDriver.draft()
            draft.activity = "ride-1"
            let id = try await driver.enqueue(draft)[0]
            try requireEqual(try await driver.store.message(id)?.draft.activity, "ride-1")
            let attempt = try await driver.start()
            func ledger() async throws -> [KeyHash] {
                try await driver.store.facts(recipient: draft.recipient, horizon: .seconds(3_600)).ledger
                    .map(\.traits.activity)
            }
            try requireEqual(try await ledger(), [KeyHash(activity: "ride-1")])
            try await driver.record(attempt, .sent, .sent)
            try requireEqual(try await ledger(), [KeyHash(activity: "ride-1")])
            await driver.store.close()
        },
        ConformanceCheck("When an address last wrote is a fact, the latest counts, and it is erased with the person") {
            test in
            let driver = try await StoreDriver(test)
            let began = driver.time.now()
            let ann = Address(channel: .whatsapp, value: "+12025550123")
            let eve = Address(channel: .whatsapp, value: "+12025550124")
            let text = Address(channel: .sms, value: "+12025550123")
            _ = try await driver.store.put([Profile(id: "ann", addresses: [text, ann])])
            func facts() async throws -> [LastInbound] {
                try await driver.store.facts(recipient: "ann", horizon: .seconds(60)).lastInbound
            }
            try requireEqual(try await facts(), [])
            for seconds in [30, 50, 40] {
                try await driver.store.note(LastInbound(address: ann.subject, at: began + .seconds(seconds)))
            }
            try await driver.store.note(LastInbound(address: eve.subject, at: began))
            let last = LastInbound(address: ann.subject, at: began + .seconds(50))
            try requireEqual(try await facts(), [last])
            var listed: [LastInbound] = []
            while true {
                let page = try await driver.store.lastInbound(after: listed.last?.address, limit: 1)
                guard let next = page.first else { break }
                listed.append(next)
            }
            try requireEqual(Set(listed), [last, LastInbound(address: eve.subject, at: began)])
            // It is kept as long as it can open a window, whatever the receipts' age.
            driver.time.advance(by: .seconds(6 * 86_400))
            _ = try await driver.store.pruneReceipts(before: driver.time.now(), limit: 100)
            try requireEqual(try await facts(), [last])
            driver.time.advance(by: .seconds(86_400 + 40))
            _ = try await driver.store.pruneReceipts(before: driver.time.now(), limit: 100)
            try requireEqual(try await driver.store.lastInbound(after: nil, limit: 9), [last])
            _ = try await driver.store.erase("ann")
            try requireEqual(try await driver.store.lastInbound(after: nil, limit: 9), [])
            await driver.store.close()
        },
        ConformanceCheck("What has failed is queued once more when somebody asks, with no attempt used up") { test in
            let driver = try await StoreDriver(test)
            let id = try await driver.enqueue(StoreDriver.draft())[0]
            try requireEqual(try await driver.store.retry(id), [id.delivery(0): .queued])
            let first = try await driver.start()
            try requireEqual(try await driver.store.retry(id), [first.delivery: .attempting])
            try await driver.record(first, .notSent, .failed)
            driver.time.advance(by: .seconds(60))
            try requireEqual(try await driver.store.retry(id), [first.delivery: .queued])
            try requireEqual(try await driver.store.totals(), [.queued: 1])
            try requireEqual(try await driver.store.history(of: id).last?.reason, "retried")
            let claimed = try await driver.claim()
            try requireEqual(claimed.map(\.attempts), [0])
            guard case .admitted(let second) = try await driver.admit(claimed)[0] else {
                throw ConformanceFailure(description: "what was queued again was not admitted")
            }
            try await driver.record(second, .sent, .sent)
            try requireEqual(try await driver.store.retry(id), [first.delivery: .sent])
            try requireEqual(try await driver.store.retry(MessageID(rawValue: 1 << 30)), nil)
            // A word against the message outlasts the wish to try it again.
            let other = try await driver.enqueue(StoreDriver.draft())[0]
            try await driver.record(try await driver.start(), .notSent, .failed)
            _ = try await driver.store.cancel(other)
            try requireEqual(try await driver.store.retry(other), [other.delivery(0): .failed])
            try requireEqual(try await driver.claim().count, 0)
            await driver.store.close()
        },
        ConformanceCheck("Cancelling leaves what is in flight or final, but it is not tried again") { test in
            let driver = try await StoreDriver(test)
            let id = try await driver.enqueue(StoreDriver.draft())[0]
            let admitted = try await driver.start()
            try requireEqual(try await driver.store.cancel(id), [admitted.delivery: .attempting])
            try await driver.record(admitted, .notSent, .deferred(.none))
            try requireEqual(try await driver.state(admitted.delivery), .cancelled)
            try requireEqual(try await driver.claim().count, 0)
            let other = try await driver.enqueue(StoreDriver.draft())[0]
            try await driver.record(driver.start(), .sent, .sent)
            try requireEqual(try await driver.store.cancel(other), [other.delivery(0): .sent])
            await driver.store.close()
        },
        ConformanceCheck("Held and deferred deliveries can be cancelled") { test in
            let driver = try await StoreDriver(test)
            let held = try await driver.enqueue(StoreDriver.draft())[0]
            let until = driver.time.now() + .seconds(9)
            _ = try await driver.admit(driver.claim(), StoreDriver.always(.hold(until: until, .quietHours)))
            let deferred = try await driver.enqueue(StoreDriver.draft(channels: [.sms, .email]))[0]
            try await driver.record(driver.start(), .notSent, .deferred(Wait(.seconds(9))))
            try requireEqual(try await driver.store.cancel(held), [held.delivery(0): .cancelled])
            try requireEqual(try await driver.store.cancel(deferred), [deferred.delivery(0): .cancelled])
            driver.time.set(until)
            try requireEqual(try await driver.claim().count, 0)
            await driver.store.close()
        },
    ]
}
