import SobreModel
import SobreStore

extension StoreConformance {
    static let merging: [ConformanceCheck] = [
        ConformanceCheck("After a merge either id names the one person, whose profile has what both had") { test in
            let driver = try await StoreDriver(test)
            try await driver.store.put([anonymous, StoreDriver.person()])
            let merge = try await driver.store.merge("anon-1", into: "ann").get()
            try require(merge.isNew)
            let ann = try requireSome(try await driver.store.profile("ann"))
            try requireEqual(ann, merge.profile)
            try requireEqual(try await driver.store.profile("anon-1"), ann)
            try requireEqual(ann.id, "ann")
            try requireEqual(ann.aliases, ["anon-1"])
            try requireEqual(ann.locale, "fr-FR")
            try requireEqual(
                ann.addresses.map(\.value), ["ann@example.com", "token-ann", "+33612345678"],
                "one mailbox is there once")
            let attributes = String(decoding: ann.attributes, as: UTF8.self)
            try requireEqual(attributes, #"{"first_name":"Ann","visits":3}"#)
            try requireEqual(try await driver.facts("anon-1").profile, ann)
            try requireEqual(try await driver.store.profiles(after: nil, limit: 9).map(\.id), ["ann"])
            await driver.store.close()
        },
        ConformanceCheck("The contacts of both count after a merge, also those in flight and those waiting") { test in
            let driver = try await StoreDriver(test)
            try await driver.store.put([anonymous, StoreDriver.person()])
            try await driver.enqueue(
                StoreDriver.draft("anon-1"), StoreDriver.draft("ann"), StoreDriver.draft("anon-1"),
                StoreDriver.draft("ann"))
            try await driver.record(driver.start(), .sent, .sent)
            try await driver.record(driver.start(), .sent, .sent)
            let inFlight = try await driver.start()
            _ = try await driver.store.merge("anon-1", into: "ann").get()
            for id in ["ann", "anon-1"] {
                try requireEqual(
                    try await driver.facts(id).ledger.map(\.state), [.committed, .committed, .reserved], id)
            }
            let late = try await driver.enqueue(StoreDriver.draft("anon-1"), StoreDriver.draft("ann"))
            let results = try await driver.admit(driver.claim(), StoreDriver.atMost(3))
            try require(results.count == 3 && results.allSatisfy { if case .settled = $0 { true } else { false } })
            try requireEqual(try await driver.state(late[0].delivery(0)), .dropped)
            try await driver.record(inFlight, .notSent, .failed)
            try await driver.enqueue(StoreDriver.draft("anon-1"), StoreDriver.draft("ann"))
            let again = try await driver.admit(driver.claim(), StoreDriver.atMost(3))
            _ = try onlyAdmitted(of: again)
            await driver.store.close()
        },
        ConformanceCheck("What was claimed before a merge is judged after it as the one person's") { test in
            let driver = try await StoreDriver(test)
            try await driver.store.put([anonymous, StoreDriver.person()])
            try await driver.enqueue(StoreDriver.draft("anon-1"), StoreDriver.draft("ann"))
            let claimed = try await driver.claim()
            _ = try await driver.store.merge("anon-1", into: "ann").get()
            let results = try await driver.admit(claimed, StoreDriver.atMost(1))
            try requireEqual(try onlyAdmitted(of: results).address.value, "ann@example.com")
            await driver.store.close()
        },
        ConformanceCheck("Chains of merges end at the last; circles and unknown ids are refused; once more is no error")
        {
            test in
            let driver = try await StoreDriver(test)
            try await driver.store.put(["a", "b", "c"].map { Profile(id: $0) })
            _ = try await driver.store.merge("a", into: "b").get()
            _ = try await driver.store.merge("b", into: "c").get()
            for id in ["a", "b", "c"] { try requireEqual(try await driver.store.profile(id)?.id, "c") }
            try requireEqual(try await driver.store.profile("a")?.aliases.sorted(), ["a", "b"])
            try requireEqual(
                try await driver.store.merge("a", into: "c").get(),
                ProfileMerge(profile: requireSome(try await driver.store.profile("c")), isNew: false))
            func refusal(_ from: String, _ into: String) async throws -> IdentityRefusal? {
                if case .failure(let refusal) = try await driver.store.merge(from, into: into) { refusal } else { nil }
            }
            try requireEqual(try await refusal("c", "a"), .samePerson("c", as: "a"))
            try requireEqual(try await refusal("c", "c"), .samePerson("c", as: "c"))
            try requireEqual(try await refusal("nobody", "c"), .unknownProfile("nobody"))
            try requireEqual(try await refusal("c", "nobody"), .unknownProfile("nobody"))
            await driver.store.close()
        },
        ConformanceCheck(
            "A profile's aliases name it; an alias that is another profile is merged; another's is refused"
        ) {
            test in
            let driver = try await StoreDriver(test)
            var ann = StoreDriver.person()
            ann.aliases = ["anon-1", "crm-7"]
            try requireEqual(try await driver.store.put([anonymous, ann]), [.success("anon-1"), .success("ann")])
            let stored = try requireSome(try await driver.store.profile("crm-7"))
            try requireEqual(stored.id, "ann")
            try requireEqual(Set(stored.aliases), ["anon-1", "crm-7"])
            try require(stored.addresses.contains { $0.value == "+33612345678" })
            // Storing a profile adds aliases and never removes them.
            try await driver.store.put([StoreDriver.person()])
            try requireEqual(Set(try requireSome(try await driver.store.profile("ann")).aliases), ["anon-1", "crm-7"])
            let results = try await driver.store.put([
                Profile(id: "bob", aliases: ["crm-7"]), Profile(id: "crm-7"), Profile(id: "eve"),
            ])
            try requireEqual(
                results,
                [.failure(.aliasTaken("crm-7", by: "ann")), .failure(.isAlias("crm-7", of: "ann")), .success("eve")])
            try requireEqual(try await driver.store.profile("bob"), nil)
            try requireEqual(try await driver.store.profile("crm-7")?.id, "ann")
            await driver.store.close()
        },
        ConformanceCheck("Suppressions of both hold after a merge, and are listed and lifted under either id") { test in
            let driver = try await StoreDriver(test)
            try await driver.store.put([anonymous, StoreDriver.person()])
            func make(_ id: String, _ reason: Suppression.Reason) -> Suppression {
                Suppression(subject: .recipient(id), label: id, reason: reason, source: "api", at: driver.time.now())
            }
            try await driver.store.suppress([make("anon-1", .complaint), make("ann", .unsubscribed)])
            _ = try await driver.store.merge("anon-1", into: "ann").get()
            try await driver.store.suppress([make("anon-1", .manual)])
            let facts = try await driver.facts("anon-1")
            try requireEqual(Set(facts.suppressions.map(\.reason)), [.complaint, .unsubscribed, .manual])
            try require(
                facts.suppressions.allSatisfy { $0.subject == .recipient("ann") }, "they are about the one person")
            for id in ["ann", "anon-1"] {
                try requireEqual(
                    try await driver.store.suppressions(subject: .recipient(id), limit: 9).count, 3, id)
            }
            try requireEqual(
                try await driver.store.lift(subject: .recipient("ann"), channel: nil, category: nil, by: api), 3)
            try requireEqual(try await driver.facts("anon-1").suppressions, [])
            for id in ["ann", "anon-1"] {
                let history = try await driver.store.suppressionHistory(of: .recipient(id), before: nil, limit: 9)
                try requireEqual(history.map(\.change), [.lifted, .lifted, .lifted, .set, .set, .set], id)
            }
            await driver.store.close()
        },
        ConformanceCheck("Of two people's consents the newest counts, and of two at the same time the refusal") {
            test in
            let driver = try await StoreDriver(test)
            let at = driver.time.now()
            driver.time.set(at + .seconds(10))
            func consent(_ category: String, _ granted: Bool, _ seconds: Int) -> Consent {
                Consent(category: category, channel: .email, granted: granted, at: at + .seconds(seconds))
            }
            try await driver.store.put([
                Profile(id: "a", consents: [consent("x", false, 1), consent("y", true, 1), consent("z", true, 5)]),
                Profile(id: "b", consents: [consent("x", true, 1), consent("y", false, 1), consent("z", false, 2)]),
            ])
            let merged = try await driver.store.merge("a", into: "b").get().profile
            let inForce = Dictionary(uniqueKeysWithValues: merged.consents.map { ($0.category, $0.granted) })
            try requireEqual(inForce, ["x": false, "y": false, "z": true])
            await driver.store.close()
        },
        ConformanceCheck("The stricter of two people's caps holds, and both zones are judged") { test in
            let driver = try await StoreDriver(test)
            let until = driver.time.now() + .seconds(3600)
            try await driver.store.put([
                Profile(
                    id: "a", timezone: "America/New_York",
                    caps: RecipientCaps(
                        pauses: [.init(until: until, category: "news")], limits: [.init(rule: "r", limit: 1)],
                        percent: 50)),
                Profile(
                    id: "b", timezone: "Europe/Paris",
                    caps: RecipientCaps(limits: [.init(rule: "r", limit: 2), .init(rule: "s", limit: 0)])),
            ])
            let merged = try await driver.store.merge("a", into: "b").get().profile
            try requireEqual(
                merged.caps,
                RecipientCaps(
                    pauses: [.init(until: until, category: "news")],
                    limits: [.init(rule: "r", limit: 1), .init(rule: "s", limit: 0)], percent: 50))
            try requireEqual(merged.timezone, "Europe/Paris")
            try requireEqual(
                merged.formerTimezones, [FormerTimezone(name: "America/New_York", leftAt: driver.time.now())])
            try requireEqual(try await driver.facts("a").profile, merged)
            await driver.store.close()
        },
        ConformanceCheck("Two profiles with one mailbox stay one person for the ledger when a third is merged into one")
        {
            test in
            let driver = try await StoreDriver(test)
            try await driver.store.put([
                StoreDriver.person("ann", email: "home@example.com"),
                StoreDriver.person("bob", email: "HOME@example.com"),
                Profile(id: "anon-1"),
            ])
            try await driver.enqueue(StoreDriver.draft("ann"))
            try await driver.record(driver.start(), .sent, .sent)
            _ = try await driver.store.merge("anon-1", into: "bob").get()
            try requireEqual(try await driver.facts("anon-1").ledger.count, 1, "through the mailbox")
            _ = try await driver.store.merge("ann", into: "bob").get()
            try requireEqual(try await driver.facts("anon-1").ledger.count, 1, "a contact known by two names is one")
            try await driver.enqueue(StoreDriver.draft("anon-1"))
            guard case .settled = try await driver.admit(driver.claim(), StoreDriver.atMost(1))[0] else {
                throw ConformanceFailure(description: "a second contact was admitted")
            }
            await driver.store.close()
        },
        ConformanceCheck("Timeline and log of a person tell the messages of all names") { test in
            let driver = try await StoreDriver(test)
            try await driver.store.put([anonymous, StoreDriver.person()])
            let ids = try await driver.enqueue(
                StoreDriver.draft("anon-1"), StoreDriver.draft("ann"), StoreDriver.draft("bob"))
            _ = try await driver.store.merge("anon-1", into: "ann").get()
            for id in ["ann", "anon-1"] {
                let timeline = try await driver.store.timeline(recipient: id, limit: 9)
                try requireEqual(timeline.map(\.message.id), [ids[1], ids[0]], id)
                let rows = try await driver.store.log(LogQuery(recipient: id)).rows
                try requireEqual(rows.map(\.entry.delivery.message), [ids[1], ids[0]], id)
            }
            await driver.store.close()
        },
        ConformanceCheck("Merges, aliases and histories outlive a restart") { test in
            let driver = try await StoreDriver(test)
            try await driver.store.put([anonymous, StoreDriver.person()])
            try await driver.enqueue(StoreDriver.draft("anon-1"), StoreDriver.draft("anon-1"))
            try await driver.record(driver.start(), .sent, .sent)
            _ = try await driver.start()
            _ = try await driver.store.merge("anon-1", into: "ann").get()
            let before = try await driver.facts("anon-1")
            let again = try await driver.reopened()
            try requireEqual(try await again.facts("anon-1").profile, before.profile)
            try requireEqual(try await again.facts("ann").ledger, before.ledger)
            try requireEqual(try await again.store.consentHistory(of: "anon-1", after: 0, limit: 9).count, 2)
            await again.store.close()
        },
        ConformanceCheck("Whatever is merged whenever, a decision sees exactly the contacts of the whole person") {
            test in
            for seed in UInt64(1)...5 { try await MergeStory(test, seed: seed).run() }
        },
    ]

    /// An anonymous profile with the same mailbox as `ann`.
    static let anonymous = Profile(
        id: "anon-1", locale: "en-US",
        addresses: [
            Address(channel: .email, value: "ANN@example.com"), Address(channel: .sms, value: "+33612345678"),
        ],
        consents: [Consent(category: "marketing", channel: .sms, granted: true, at: StoreConformance.start)],
        attributes: Array(#"{"first_name":"you","visits":3}"#.utf8))
}

/// Returns the only admitted attempt of two requests, and requires that the other one was settled. Either may be the
/// admitted one: they were claimed under two names, and a store may decide two recipients in any order.
private func onlyAdmitted(of results: [AdmissionResult]) throws -> AdmittedAttempt {
    let admitted = results.compactMap { if case .admitted(let attempt) = $0 { attempt } else { nil } }
    let settled = results.count { if case .settled = $0 { true } else { false } }
    guard results.count == 2, admitted.count == 1, settled == 1 else {
        throw ConformanceFailure(description: "one of two may go, not \(results)")
    }
    return admitted[0]
}
