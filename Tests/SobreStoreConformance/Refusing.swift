import SobreModel
import SobreStore

extension StoreConformance {
    static let refusing: [ConformanceCheck] = [
        ConformanceCheck("A date from the future counts as now, and a refusal given now wins over any grant") { test in
            let driver = try await StoreDriver(test)
            let now = driver.time.now()
            func say(_ granted: Bool, _ at: Instant?) async throws -> ConsentOutcome {
                try await driver.store.take([
                    ConsentStatement(
                        recipient: "ann",
                        consent: Consent(category: "marketing", granted: granted, at: at, source: "form"))
                ])[0]
            }
            let future = now + .seconds(90 * 86_400)
            var ann = StoreDriver.person()
            ann.consents = [Consent(category: "marketing", granted: true, at: future)]
            try await driver.store.put([ann])
            try requireEqual(try await driver.store.profile("ann")?.consents.map(\.at), [now])
            try requireEqual(try await say(false, now), .inForce)
            try requireEqual(try await driver.store.profile("ann")?.consents.map(\.granted), [false])
            // The same file comes again, whatever time it is.
            driver.time.set(now + .seconds(60))
            try await driver.store.put([ann])
            try requireEqual(try await driver.store.profile("ann")?.consents.map(\.granted), [false])
            // Refused in the future is refused now: who allows it later is heard.
            try requireEqual(try await say(false, future), .inForce)
            driver.time.set(now + .seconds(120))
            try requireEqual(try await say(true, now + .seconds(120)), .inForce)
            try requireEqual(try await say(true, future), .inForce)
            try requireEqual(try await driver.store.profile("ann")?.consents.map(\.at), [now + .seconds(120)])
            await driver.store.close()
        },
        ConformanceCheck("A document replaces a refusal with a time by a newer statement only") { test in
            let driver = try await StoreDriver(test)
            let now = driver.time.now()
            let refusal = Consent(category: "marketing", granted: false, at: now - .seconds(60), source: "phone")
            try await driver.store.put([StoreDriver.person()])
            try requireEqual(
                try await driver.store.take([ConsentStatement(recipient: "ann", consent: refusal)]), [.inForce])
            func put(_ consents: [Consent]) async throws -> [Consent] {
                var ann = StoreDriver.person()
                ann.consents = consents
                try await driver.store.put([ann])
                return try requireSome(try await driver.store.profile("ann")).consents.filter { $0.channel == nil }
            }
            func grant(_ at: Instant?) -> Consent { Consent(category: "Marketing", granted: true, at: at) }
            for consents in [[], [grant(nil)], [grant(now - .seconds(61))], [grant(now - .seconds(60))]] {
                try requireEqual(try await put(consents), [refusal])
            }
            try requireEqual(try await put([grant(now - .seconds(59))]), [grant(now - .seconds(59))])
            // One without a time is what the document says it is.
            let undated = Consent(category: "marketing", granted: false)
            try requireEqual(try await put([undated]), [undated])
            try requireEqual(try await put([grant(nil)]), [grant(nil)])
            await driver.store.close()
        },
        ConformanceCheck("A later grant with evidence lifts the opt-out by link of its category and channel, no more") {
            test in
            let driver = try await StoreDriver(test)
            let now = driver.time.now()
            let ann = StoreDriver.person()
            try await driver.store.put([ann])
            let mailbox = ann.addresses[0].subject
            func order(
                _ reason: Suppression.Reason, _ subject: KeyHash = .recipient("ann"), _ category: String? = "marketing",
                _ channel: Channel? = nil, _ at: Instant
            ) -> Suppression {
                Suppression(
                    subject: subject, label: "x", reason: reason, channel: channel, category: category, source: "link",
                    at: at)
            }
            let stay = [
                order(.hardBounce, mailbox, "marketing", .email, now - .seconds(60)),
                order(.complaint, mailbox, nil, nil, now - .seconds(60)),
                order(.stopKeyword, .recipient("ann"), "marketing", nil, now - .seconds(60)),
                order(.manual, .recipient("ann"), "marketing", nil, now - .seconds(60)),
                order(.unsubscribed, .recipient("ann"), "news", nil, now - .seconds(60)),
                order(.unsubscribed, .recipient("bob"), "marketing", nil, now - .seconds(60)),
                order(.unsubscribed, .recipient("ann"), "marketing", .sms, now - .seconds(60)),
            ]
            let go = [
                order(.unsubscribed, .recipient("ann"), "marketing", .email, now - .seconds(60)),
                order(.unsubscribed, mailbox, "marketing", .email, now - .seconds(60)),
                order(.unsubscribed, mailbox, "marketing", nil, now - .seconds(60)),
            ]
            func say(_ at: Instant, _ evidence: String?, _ channel: Channel? = .email) async throws {
                _ = try await driver.store.take([
                    ConsentStatement(
                        recipient: "ann",
                        consent: Consent(
                            category: "marketing", channel: channel, granted: true, at: at, source: "form",
                            evidence: evidence))
                ])
            }
            func standing() async throws -> Set<Suppression> {
                Set(try await driver.store.suppressions(subject: nil, limit: 99))
            }
            try await driver.store.suppress(stay + go)
            try await say(now - .seconds(30), nil)
            try requireEqual(try await standing(), Set(stay + go))
            try await say(now, "double opt-in, ip 192.0.2.7")
            try requireEqual(try await standing(), Set(stay))
            let history = try await driver.store.suppressionHistory(of: mailbox, before: nil, limit: 9)
            try requireEqual(history.prefix(2).map(\.change), [.lifted, .lifted])
            try requireEqual(history.first?.suppression.source, "form")
            try requireEqual(history.first?.suppression.evidence, "double opt-in, ip 192.0.2.7")

            // An opt-out after the grant stays, and one of all channels stays on the others.
            let later = order(.unsubscribed, .recipient("ann"), "marketing", nil, now + .seconds(60))
            driver.time.set(now + .seconds(60))
            try await driver.store.suppress([later])
            try await say(now + .seconds(59), "double opt-in, late")
            try require(try await standing().contains(later))
            driver.time.set(now + .seconds(61))
            try await say(now + .seconds(61), "double opt-in, again")
            let left = try await standing().subtracting(stay)
            try requireEqual(Set(left.map(\.channel)), [.sms, .push, .whatsapp, .chat])
            try require(left.allSatisfy { $0.reason == .unsubscribed && $0.category == "marketing" })
            await driver.store.close()
        },
    ]
}
