import SobreModel
import SobreStore

extension StoreConformance {
    static let api = SuppressionLifting(source: "api")

    static let people: [ConformanceCheck] = [
        ConformanceCheck("A profile can be read back with everything, and is replaced by its id") { test in
            let line = try await Line(test)
            try await line.store.put([Line.person("ann"), Profile(id: "bare")])
            try requireEqual(try await line.store.profile("ann"), Line.person("ann"))
            try requireEqual(try await line.store.profile("bare"), Profile(id: "bare"))
            try requireEqual(try await line.store.profile("nobody"), nil)
            var changed = Line.person("ann")
            changed.locale = nil
            changed.addresses = [Address(channel: .sms, value: "+33612345678")]
            changed.consents = [Consent(category: "news", granted: false)]
            changed.attributes = Array(#"{"a":{"b":null}}"#.utf8)
            try await line.store.put([changed])
            try requireEqual(try await line.store.profile("ann"), changed)
            await line.store.close()
        },
        ConformanceCheck("A changed profile is in force at the next decision, also for what is claimed") { test in
            let line = try await Line(test)
            try await line.store.put([Line.person("ann")])
            try await line.enqueue(Line.draft("ann"))
            let claimed = try await line.claim()
            var changed = Line.person("ann")
            changed.consents = []
            try await line.store.put([changed])
            let expected = changed
            _ = try await line.admit(claimed) { candidate, facts, now in
                facts.profile == expected
                    ? AdmissionDecision(verdict: .drop(.noConsent), policyVersion: 3) : Line.send(candidate, facts, now)
            }
            try requireEqual(try await line.total(.dropped), 1)
            await line.store.close()
        },
        ConformanceCheck("A suppression of the person or of an address is in force at the next decision") { test in
            let line = try await Line(test)
            try await line.store.put([Line.person("ann")])
            let address = Suppression(
                subject: Line.person("ann").addresses[1].subject, label: "token…", reason: .invalidToken,
                channel: .push, category: "news", source: "api", at: line.time.now())
            let person = Suppression(
                subject: .recipient("ann"), label: "ann", reason: .unsubscribed, source: "api", at: line.time.now())
            let other = Suppression(
                subject: .recipient("bob"), label: "bob", reason: .manual, source: "api", at: line.time.now())
            try await line.store.suppress([address, person, other])
            try requireEqual(Set(try await line.facts("ann").suppressions), [address, person])
            try requireEqual(try await line.facts("eve").suppressions, [])
            await line.store.close()
        },
        ConformanceCheck("One suppression a subject, channel, category and reason; lifting removes what it names") {
            test in
            let line = try await Line(test)
            func make(_ channel: Channel?, _ category: String?, _ seconds: Int) -> Suppression {
                Suppression(
                    subject: .recipient("ann"), label: "ann", reason: .manual, channel: channel, category: category,
                    source: "api", at: line.time.now() + .seconds(seconds))
            }
            try await line.store.suppress([make(nil, nil, 0), make(.email, nil, 1), make(.email, "news", 2)])
            try await line.store.suppress([make(nil, nil, 3)])
            let subject = Symbol.recipient("ann")
            let all = [make(nil, nil, 3), make(.email, "news", 2), make(.email, nil, 1)]
            try requireEqual(try await line.store.suppressions(subject: subject, limit: 10), all)
            try requireEqual(try await line.store.suppressions(subject: nil, limit: 2), Array(all.prefix(2)))
            try requireEqual(try await line.store.lift(subject: subject, channel: .email, category: "news", by: api), 1)
            try requireEqual(try await line.store.lift(subject: subject, channel: .email, category: "news", by: api), 0)
            try requireEqual(try await line.store.lift(subject: subject, channel: nil, category: nil, by: api), 2)
            try requireEqual(try await line.facts("ann").suppressions, [])
            await line.store.close()
        },
        ConformanceCheck("Suppressions of one reason are lifted by themselves, and those ordered later stay") { test in
            let line = try await Line(test)
            let address = Address(channel: .sms, value: "+33612345678")
            func make(_ reason: Suppression.Reason, _ category: String?, _ seconds: Int) -> Suppression {
                Suppression(
                    subject: address.subject, label: address.masked, reason: reason, category: category,
                    source: "inbound", at: line.time.now() + .seconds(seconds), evidence: "STOP")
            }
            let bounce = make(.hardBounce, nil, 0)
            let late = make(.stopKeyword, "news", 9)
            try await line.store.suppress([bounce, make(.stopKeyword, nil, 1), late])
            let lifted = try await line.store.lift(
                subject: address.subject, channel: nil, category: nil, reason: .stopKeyword,
                notAfter: line.time.now() + .seconds(5), by: api)
            try requireEqual(lifted, 1)
            try requireEqual(
                Set(try await line.store.suppressions(subject: address.subject, limit: 9)), [bounce, late])
            await line.store.close()
        },
        ConformanceCheck("All profiles and all suppressions are read page by page, each once") { test in
            let line = try await Line(test)
            let ids = (0..<7).map { "p\($0)" }
            try await line.store.put(ids.map { Profile(id: $0, aliases: ["alias-of-\($0)"]) })
            try await line.store.suppress(
                ids.flatMap { id in
                    [Suppression.Reason.manual, .complaint].map {
                        Suppression(
                            subject: .recipient(id), label: id, reason: $0, source: "api", at: line.time.now())
                    }
                })
            var people: [Profile] = []
            while true {
                let page = try await line.store.profiles(after: people.last?.id, limit: 3)
                if page.isEmpty { break }
                people += page
            }
            try requireEqual(people.map(\.id).sorted(), ids)
            try require(people.allSatisfy { $0.aliases == ["alias-of-\($0.id)"] })
            var all: [Suppression] = []
            while true {
                let page = try await line.store.suppressions(after: all.last, limit: 3)
                if page.isEmpty { break }
                all += page
            }
            try requireEqual(all.count, 14)
            try requireEqual(Set(all).count, 14)
            await line.store.close()
        },
        ConformanceCheck("A profile is changed as it stands, or not at all") { test in
            let line = try await Line(test)
            struct No: Error, Equatable {}
            try await line.store.put([Line.person()])
            guard
                case .changed(let changed) = try await line.store.change(
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
            var expected = Line.person()
            expected.locale = "de-DE"
            expected.timezone = "Europe/Berlin"
            expected.caps = RecipientCaps(limits: [.init(rule: "r", limit: 0)], percent: 10)
            expected.formerTimezones = [FormerTimezone(name: "Europe/Paris", leftAt: line.time.now())]
            try requireEqual(changed, expected)
            guard case .refused(No()) = try await line.store.change("ann", by: { _ in .failure(No()) }),
                case .unknown = try await line.store.change("eve", by: { .success($0) as Result<Profile, No> })
            else { throw ConformanceFailure(description: "a refusal or an unknown id was not told") }
            let again = try await line.reopened()
            try requireEqual(try await again.store.profile("ann"), expected)
            try requireEqual(try await again.facts("ann").profile, expected)
            // Many at once: none is lost.
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
            let line = try await Line(test)
            let later = line.time.now() + .seconds(60)
            let waiting = try await line.enqueue(
                Line.draft(channels: [.sms, .email], route: .all, sendAt: later))[0]
            try requireEqual(
                try await line.store.cancel(waiting),
                [waiting.delivery(0): .cancelled, waiting.delivery(1): .cancelled])
            let claimedID = try await line.enqueue(Line.draft())[0]
            let claimed = try await line.claim()
            try requireEqual(try await line.store.cancel(claimedID), [claimedID.delivery(0): .cancelled])
            guard case .stale = try await line.admit(claimed)[0] else {
                throw ConformanceFailure(description: "a cancelled delivery was admitted")
            }
            line.time.set(later)
            try requireEqual(try await line.claim().count, 0)
            try requireEqual(try await line.store.totals(), [.cancelled: 3])
            try requireEqual(try await line.store.depth(), QueueDepth(waiting: 0, claimed: 0, inFlight: 0))
            try requireEqual(try await line.store.cancel(MessageID(rawValue: 1 << 30)), nil)
            await line.store.close()
        },
        ConformanceCheck("Cancelling leaves what is in flight or final, but it is not tried again") { test in
            let line = try await Line(test)
            let id = try await line.enqueue(Line.draft())[0]
            let ticket = try await line.start()
            try requireEqual(try await line.store.cancel(id), [ticket.delivery: .attempting])
            try await line.record(ticket, .notSent, .deferred, dueIn: .zero)
            try requireEqual(try await line.state(ticket.delivery), .cancelled)
            try requireEqual(try await line.claim().count, 0)
            let other = try await line.enqueue(Line.draft())[0]
            try await line.record(line.start(), .sent, .sent)
            try requireEqual(try await line.store.cancel(other), [other.delivery(0): .sent])
            await line.store.close()
        },
        ConformanceCheck("Held and deferred deliveries can be cancelled") { test in
            let line = try await Line(test)
            let held = try await line.enqueue(Line.draft())[0]
            let until = line.time.now() + .seconds(9)
            _ = try await line.admit(line.claim(), Line.always(.hold(until: until, .quietHours)))
            let deferred = try await line.enqueue(Line.draft(channels: [.sms, .email]))[0]
            try await line.record(line.start(), .notSent, .deferred, dueIn: .seconds(9))
            try requireEqual(try await line.store.cancel(held), [held.delivery(0): .cancelled])
            try requireEqual(try await line.store.cancel(deferred), [deferred.delivery(0): .cancelled])
            line.time.set(until)
            try requireEqual(try await line.claim().count, 0)
            await line.store.close()
        },
    ]
}
