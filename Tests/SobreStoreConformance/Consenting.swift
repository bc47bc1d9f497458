import SobreModel
import SobreStore

extension StoreConformance {
    static let consenting: [ConformanceCheck] = [
        ConformanceCheck("The newest consent about a channel and category is in force; all stay in the history") {
            test in
            let driver = try await StoreDriver(test)
            let at = driver.time.now()
            // Times from the future would count as now.
            let recordedAt = at + .seconds(10)
            driver.time.set(recordedAt)
            func statement(_ granted: Bool, _ seconds: Int?, channel: Channel? = .email) -> ConsentStatement {
                ConsentStatement(
                    recipient: "ann",
                    consent: Consent(
                        category: "marketing", channel: channel, granted: granted,
                        at: seconds.map { at + .seconds($0) },
                        source: "form", evidence: "ip 192.0.2.7"))
            }
            try await driver.store.put([StoreDriver.person()])
            let outcomes = try await driver.store.take([
                statement(false, 5), statement(true, 4), statement(true, 5), statement(true, 6), statement(true, 6),
                statement(false, 1, channel: .sms), statement(true, nil),
                ConsentStatement(recipient: "nobody", consent: Consent(category: "x", granted: true)),
            ])
            try requireEqual(
                outcomes,
                [
                    .inForce, .superseded, .superseded, .inForce, .inForce, .inForce, .superseded, .unknownProfile,
                ])
            let inForce = try requireSome(try await driver.facts("ann").profile).consents
            try requireEqual(inForce.map(\.granted), [true, false])
            try requireEqual(inForce.map(\.at), [at + .seconds(6), at + .seconds(1)])
            try require(inForce.allSatisfy { $0.evidence == nil }, "evidence is kept in the history alone")
            // One entry comes from the profile as it was stored. The repeated statement adds no entry.
            let history = try await driver.store.consentHistory(of: "ann", after: 0, limit: 99)
            try requireEqual(history.map(\.consent.granted), [true, false, true, true, true, false, true])
            try requireEqual(history.dropFirst().compactMap(\.consent.evidence).count, 6)
            try require(history.allSatisfy { $0.recipient == "ann" && $0.recordedAt == recordedAt })
            let page = try await driver.store.consentHistory(of: nil, after: history[1].sequence, limit: 2)
            try requireEqual(page, Array(history[2...3]))
            await driver.store.close()
        },
        ConformanceCheck("A consent is in force at the next decision, under any name and also for what is claimed") {
            test in
            let driver = try await StoreDriver(test)
            var ann = StoreDriver.person()
            ann.aliases = ["anon-1"]
            try await driver.store.put([ann])
            try await driver.enqueue(StoreDriver.draft("anon-1"))
            let claimed = try await driver.claim()
            let refusal = Consent(
                category: "marketing", channel: .email, granted: false, at: driver.time.now())
            try requireEqual(
                try await driver.store.take([ConsentStatement(recipient: "anon-1", consent: refusal)]), [.inForce])
            _ = try await driver.admit(claimed) { request, facts, now in
                facts.profile?.consents == [refusal]
                    ? AdmissionDecision(verdict: .drop(.noConsent), policyVersion: 3)
                    : StoreDriver.send(request, facts, now)
            }
            try requireEqual(try await driver.total(.dropped), 1)
            await driver.store.close()
        },
        ConformanceCheck("A put profile's new consents go into the history, known ones do not go in again") { test in
            let driver = try await StoreDriver(test)
            for _ in 0..<3 { try await driver.store.put([StoreDriver.person()]) }
            try requireEqual(try await driver.store.consentHistory(of: "ann", after: 0, limit: 9).count, 1)
            var changed = StoreDriver.person()
            changed.consents = [Consent(category: "marketing", granted: false, evidence: "letter of 3 March")]
            try await driver.store.put([changed])
            let history = try await driver.store.consentHistory(of: "ann", after: 0, limit: 9)
            try requireEqual(history.map(\.consent.granted), [true, false])
            try requireEqual(history.last?.consent.evidence, "letter of 3 March")
            await driver.store.close()
        },
    ]

    static let erasing: [ConformanceCheck] = [
        ConformanceCheck("Erasing a person forgets what was said and keeps what was promised") { test in
            let driver = try await StoreDriver(test)
            var ann = StoreDriver.person()
            ann.aliases = ["anon-1"]
            try await driver.store.put([ann])
            try await driver.store.suppress([
                Suppression(
                    subject: ann.addresses[0].subject, label: "a…@example.com", reason: .unsubscribed, source: "link",
                    at: driver.time.now(), evidence: "by mail program")
            ])
            try await driver.store.suppress([
                Suppression(
                    subject: .recipient("anon-1"), label: "anon-1", reason: .manual, source: "phone",
                    at: driver.time.now(), evidence: "call of 3 March")
            ])
            _ = try await driver.store.lift(
                subject: .recipient("ann"), channel: nil, category: nil,
                by: SuppressionLifting(source: "phone", evidence: "call of 4 March"))
            let ids = try await driver.enqueue(
                StoreDriver.draft("ann"), StoreDriver.draft("anon-1"), StoreDriver.draft("ann"),
                StoreDriver.draft("bob"))
            try await driver.record(driver.start(), .sent, .sent)
            let inFlight = try await driver.start()
            let erasure = try requireSome(try await driver.store.erase("anon-1"))
            try requireEqual(erasure, Erasure(messages: 3, cancelled: 1, suppressions: 3))

            for id in ["ann", "anon-1"] {
                try requireEqual(try await driver.store.profile(id), nil, id)
                let facts = try await driver.facts(id)
                try requireEqual(facts.profile, nil, id)
                try requireEqual(facts.ledger.map(\.state), [.committed, .reserved], id)
                try require(facts.suppressions.contains { $0.reason == .erased }, id)
            }
            for id in ids.prefix(3) {
                let message = try requireSome(try await driver.store.message(id))
                try requireEqual(message.recipient, "")
                try requireEqual(message.data, Array("{}".utf8))
            }
            try requireEqual(try await driver.store.message(ids[3])?.recipient, "bob")
            try requireEqual(try await driver.state(ids[2].delivery(0)), .cancelled)
            let left = try await driver.store.suppressions(subject: nil, limit: 9)
            try require(left.allSatisfy { $0.label.hasPrefix("erased-") && $0.evidence == nil }, "\(left)")
            try require(left.contains { $0.subject == ann.addresses[0].subject && $0.reason == .unsubscribed })
            let history = try await driver.store.consentHistory(of: "ann", after: 0, limit: 9)
            try require(history.count == 1 && history.allSatisfy { $0.recipient.isEmpty && $0.consent.evidence == nil })
            let changes = try await driver.store.suppressionHistory(of: nil, before: nil, limit: 9)
            try requireEqual(changes.map(\.suppression.evidence), Array(repeating: nil, count: 6))
            try requireEqual(changes.prefix(3).map(\.suppression.source), Array(repeating: "erasure", count: 3))
            try require(changes.dropFirst(3).allSatisfy { ($0.suppression.label + $0.suppression.source).isEmpty })
            let story = try await Timeline.read("ann", limit: 9, from: driver.store)
            try requireEqual(story.suppressions.map(\.suppression.reason), [.erased])
            // The attempt in flight is recorded and not retried.
            try await driver.record(inFlight, .notSent, .deferred(.none))
            try requireEqual(try await driver.state(inFlight.delivery), .cancelled)
            // A second erasure has nothing left to do. An unknown ID gives nil.
            try requireEqual(try await driver.store.erase("ann")?.cancelled, 0)
            try requireEqual(try await driver.store.erase("nobody"), nil)
            await driver.store.close()
        },
        ConformanceCheck("Somebody who was erased and comes again is still suppressed and still counted") { test in
            let driver = try await StoreDriver(test)
            var ann = StoreDriver.person()
            ann.aliases = ["anon-1"]
            try await driver.store.put([ann])
            try await driver.enqueue(StoreDriver.draft("anon-1"))
            try await driver.record(driver.start(), .sent, .sent)
            _ = try await driver.store.erase("ann")
            let again = try await driver.reopened()
            try await again.store.put([StoreDriver.person()])
            let facts = try await again.facts("ann")
            try requireEqual(facts.profile?.id, "ann")
            try requireEqual(facts.ledger.count, 1)
            try require(facts.suppressions.contains { $0.subject == .recipient("ann") && $0.reason == .erased })
            // The address is still suppressed for another profile with the same mailbox.
            try await again.store.put([StoreDriver.person("bob", email: "ann@example.com")])
            try require(try await again.facts("bob").suppressions.contains { $0.reason == .erased })
            try requireEqual(
                try await again.store.put([Profile(id: "anon-1"), Profile(id: "eve", aliases: ["anon-1"])]),
                [.failure(.isAlias("anon-1", of: "ann")), .failure(.aliasTaken("anon-1", by: "ann"))])
            await again.store.close()
        },
    ]
}
