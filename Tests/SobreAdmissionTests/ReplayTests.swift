import JSON
import SobreAdmission
import SobreModel
import Testing

/// A replayed decision is equal byte for byte under all rules, and its explanation is complete.
@Suite struct ReplayTests {
    static let yaml = """
        default_timezone: Europe/Paris
        channel_costs: { sms: 9, email: 1, push: 1 }
        categories: { marketing: { expires_after: 3d }, news: { consent: none } }
        control_groups: [{ name: holdout, applies_to: { campaign: spring }, percent: 3 }]
        dedup: [{ name: same, applies_to: { campaign: spring }, window: 10m, when_missing: skip }]
        quiet_hours:
          - { name: nights, applies_to: { channel: sms }, hours: [{ from: "21:00", to: "08:00" }] }
          - { name: lunch, hours: [{ from: "12:00", to: "12:45" }], on_hit: next_channel, segment: { where: "level >= 2" } }
        caps:
          - { name: day, limit: 2, window: calendar day, on_cap: hold, reserve: { priority: high, slots: 1 } }
          - { name: hour, limit: 3, window: 1h, per: recipient+channel, on_cap: next_channel }
          - { name: low, limit: 1, window: 2h, segment: { where: "engagement == 'low' or level > 3" } }
          - { name: vip, limit: 9, window: 1d, overrides: [low, day], segment: { where: "'vip' in groups" } }
          - { name: all, limit: 12, window: 3d, on_cap: hold, personal: replace }
        """

    private static func profile(_ random: inout Seeded) -> Profile {
        let attributes = [
            "{}", #"{"engagement": "low", "level": 2}"#, #"{"level": "gold", "groups": ["vip"]}"#, #"{"level": 5"#,
            #"{"groups": ["vip"], "level": 1, "engagement": null}"#,
        ]
        var profile = Profile(
            id: "ann", timezone: ["Europe/London", "America/New_York", nil].randomElement(using: &random)!,
            country: ["FR", nil].randomElement(using: &random)!,
            addresses: [
                Address(channel: .email, value: "ann@example.com"), Address(channel: .sms, value: "+442079460123"),
                Address(channel: .push, value: "token-1"),
            ],
            consents: [Consent(category: "marketing", granted: true, at: .epoch)],
            attributes: Array(attributes.randomElement(using: &random)!.utf8))
        if Bool.random(using: &random) { profile.caps.percent = Int.random(in: 30...100, using: &random) }
        if Bool.random(using: &random) { profile.caps.limits = [.init(rule: "all", limit: 2)] }
        if Int.random(in: 0..<4, using: &random) == 0 {
            profile.caps.pauses = [.init(until: World.noon + .seconds(9_000), channel: .email)]
        }
        if Bool.random(using: &random) {
            profile.formerTimezones = [FormerTimezone(name: "Asia/Tokyo", leftAt: World.noon - .seconds(600))]
        }
        return profile
    }

    @Test("equal facts give equal bytes, from values and a policy that were made anew", arguments: 0..<40)
    func replay(_ seed: Int) throws {
        var random = Seeded(state: UInt64(seed) &+ 12_000)
        var world = try World(Self.yaml)
        var profiles = random
        world.profile = Self.profile(&random)
        let copy = Self.profile(&profiles)
        let again = try Policy.parse(text: Self.yaml).with(version: 7)
        var engagement = Engagement()
        for _ in 0..<60 {
            engagement.record(
                Engagement.Event.allCases.randomElement(using: &random)!,
                on: Channel.allCases.randomElement(using: &random)!, hourOfWeek: Int.random(in: 0..<168, using: &random)
            )
        }
        var now = World.noon
        var kinds: Set<String> = []
        for _ in 0..<60 {
            now = now + .milliseconds(Int64.random(in: 0...4_000_000, using: &random))
            var message = world.message(
                ["marketing", "news", "transactional"].randomElement(using: &random)!,
                campaign: ["spring", "summer"].randomElement(using: &random)!,
                channels: Array(Channel.allCases.shuffled(using: &random).prefix(2)),
                route: [.first, .best].randomElement(using: &random)!,
                priority: [.normal, .high].randomElement(using: &random)!,
                dedupKey: [nil, "k"].randomElement(using: &random)!)
            message.acceptedAt = now
            if Int.random(in: 0..<4, using: &random) == 0 { message.draft.bestTimeWithin = .seconds(20_000) }
            if Int.random(in: 0..<6, using: &random) == 0 { message.draft.tenant = "other" }
            if Int.random(in: 0..<9, using: &random) == 0 {
                message.draft.capFlags = CapFlags(obeys: false, counts: true, by: "key:x")
            }
            let request = world.request(message)
            var facts = world.facts
            facts.engagement = engagement
            let one = world.policy.decide(request, facts: facts, conditions: .normal, now: now, explaining: .always)
            var decoded = Engagement.none
            decoded.merge(engagement)
            let two = again.decide(
                request, facts: AdmissionFacts(profile: copy, ledger: facts.ledger, engagement: decoded),
                conditions: .normal, now: now, explaining: .always)
            #expect(one.explanation == two.explanation && one.verdict == two.verdict && one.summary == two.summary)
            let silent = again.decide(request, facts: facts, conditions: .normal, now: now, explaining: .never)
            #expect(silent.verdict == one.verdict)
            try check(try #require(one.explanation), one, facts, message, now)
            kinds.insert(String(one.summary.prefix { $0 != " " && $0 != ":" }))
            if case .send(let address, let traits) = one.verdict {
                world.ledger.append(
                    LedgerEntry(
                        id: Int64(world.ledger.count + 1), delivery: message.id.delivery(0), state: .committed,
                        reservedAt: now, committedAt: now, traits: traits, recipient: .recipient("ann"),
                        address: address.subject))
            }
        }
        #expect(kinds.count >= 3, "\(kinds)")
    }

    /// A capped message names its rule with count and limit, the contacts that fill it, and when it is free.
    private func check(
        _ explanation: [UInt8], _ decision: AdmissionDecision, _ facts: AdmissionFacts, _ message: Message,
        _ now: Instant
    ) throws {
        let root = try JSONDocument.parse(explanation).root
        #expect(root["policy_version"]?.int == 7)
        #expect(root["decided_at"]?.string == now.rfc3339)
        let ids = Set(facts.ledger.map(\.delivery.description))
        for channel in try #require(root["channels"]).elements {
            for rule in channel["steps"]?.elements.first(where: { $0["step"]?.string == "caps" })?["rules"]?.elements
                .map({ $0 }) ?? []
            {
                guard rule["overridden_by"] == nil else { continue }
                let count = try #require(rule["count"]?.int)
                let limit = try #require(rule["limit"]?.int)
                #expect(rule["passes"]?.bool == (count < limit))
                #expect(rule["filled_by"]?.count ?? 0 == min(count, 50))
                for entry in rule["filled_by"]?.elements.map({ $0 }) ?? [] {
                    #expect(ids.contains(try #require(entry["delivery"]?.string)))
                    #expect(entry["channel"] != nil && Instant(rfc3339: entry["at"]?.string ?? "") != nil)
                    // The ledger holds key hashes, so only names that occur in the policy or the message can be shown.
                    #expect(["spring", message.campaign].contains(entry["campaign"]?.string ?? "spring"))
                }
                if count >= limit { #expect(rule["free_at"] != nil || rule["look_again_at"] != nil) }
            }
        }
        guard case .hold(_, .frequencyCapped) = decision.verdict else { return }
        #expect(
            ["day", "hour", "low", "vip", "all"].contains { decision.summary.hasPrefix("\($0) ") },
            "\(decision.summary)")
    }
}
