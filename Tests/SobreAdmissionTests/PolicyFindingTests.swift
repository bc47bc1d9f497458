import SobreAdmission
import SobreModel
import Testing

@Suite struct PolicyFindingTests {
    @Test(
        "what can hardly be meant is found, with its rule and line",
        arguments: [
            (
                "- { name: a, applies_to: { category: transactional }, limit: 1, window: 1d }",
                "never_fills restrains_nothing"
            ),
            (
                "- { name: a, applies_to: { category: marketing }, counts: { category: transactional }, limit: 1, window: 1d }",
                "never_fills"
            ),
            ("- { name: a, limit: 1, window: 1d, reserve: { priority: high, slots: 1 } }", "nothing_passes"),
            ("- { name: a, limit: 1, window: lifetime, on_cap: hold }", "never_ends"),
            (
                "- { name: a, limit: 1, window: 1d, applies_to: { tags: { all: promo/summer, none: promo } } }",
                "matches_nothing"
            ),
            (
                "- { name: a, limit: 1, window: 1d, applies_to: { tags: { any: [a, b], none: [b, a] } } }",
                "matches_nothing"
            ),
            (
                "- { name: a, limit: 1, window: 1d, per: recipient+campaign, applies_to: { campaign: x }, counts: { campaign: y } }",
                "never_fills"
            ),
            (
                "- { name: a, limit: 1, window: 1d, per: channel, applies_to: { channel: sms }, counts: { channel: push } }",
                "never_fills"
            ),
            ("- { name: b, limit: 1, window: 1d }\n  - { name: a, limit: 2, window: 1d }", "never_fills"),
            ("- { name: b, limit: 1, window: 1d }\n  - { name: a, limit: 2, window: 2d }", "never_decides"),
            ("- { name: b, limit: 1, window: 1d }\n  - { name: a, limit: 1, window: 1d }", "never_decides"),
            ("- { name: b, limit: 1, window: calendar day }\n  - { name: a, limit: 40, window: 30d }", "never_fills"),
            ("- { name: b, limit: 2, window: calendar day }\n  - { name: a, limit: 15, window: calendar week }", ""),
            (
                "- { name: b, limit: 2, window: calendar day }\n  - { name: a, limit: 15, window: calendar 7 days }",
                "never_fills"
            ),
            (
                "- { name: b, limit: 5, window: 7d, applies_to: { category: marketing } }\n"
                    + "  - { name: a, limit: 9, window: 1d, applies_to: { category: marketing, channel: sms, tags: x } }",
                "never_fills"
            ),
            (
                "- { name: b, limit: 0, window: 1d, applies_to: { channel: sms } }\n"
                    + "  - { name: a, limit: 1, window: 1d, applies_to: { channel: sms } }", "never_fills"
            ),
            ("- { name: b, limit: 1, window: 1d, overrides: a }\n  - { name: a, limit: 9, window: 30d }", "overridden"),
            (
                "- { name: b, gap: 4h }\n  - { name: a, limit: 1, window: 1d, overrides: c, applies_to: { campaign: x } }\n"
                    + "  - { name: c, limit: 2, window: 30d, applies_to: { campaign: y } }", "overrides_nothing"
            ),
            (
                "- { name: a, limit: 1, window: 1d, on_cap: hold }\n  - { name: b, limit: 1, window: 1d, on_cap: drop }",
                "never_decides"
            ),
            // Policies without findings.
            ("- { name: b, limit: 2, window: 1d }\n  - { name: a, limit: 3, window: 2d }", ""),
            ("- { name: b, limit: 1, window: 1d, per: recipient+campaign }\n  - { name: a, limit: 2, window: 1d }", ""),
            (
                "- { name: b, limit: 1, window: 1d, applies_to: { channel: sms } }\n  - { name: a, limit: 2, window: 1d }",
                ""
            ),
            ("- { name: b, limit: 1, window: 1d, personal: replace }\n  - { name: a, limit: 2, window: 1d }", ""),
            ("- { name: b, limit: 1, window: 1d, segment: { where: vip } }\n  - { name: a, limit: 2, window: 1d }", ""),
            (
                "- { name: b, limit: 1, window: 1d, overrides: a, segment: { where: vip } }\n  - { name: a, limit: 2, window: 30d }",
                ""
            ),
        ])
    func caps(_ yaml: String, _ kinds: String) throws {
        let policy = try Policy.parse(text: "caps:\n  \(yaml)")
        #expect(policy.findings.map(\.kind.rawValue).joined(separator: " ") == kinds, "\(policy.findings)")
        let line = yaml.contains("\n  - { name: a") ? 3 : 2
        for finding in policy.findings {
            #expect(finding.rule == "a" && finding.line == line && finding.list == "caps")
        }
    }

    @Test(
        "the other lists are looked at, too",
        arguments: [
            (#"quiet_hours: [{ name: a, hours: [{ from: "00:00", to: "24:00" }] }]"#, "nothing_passes"),
            ("quiet_hours: [{ name: a, hours: [] }]", "no_effect"),
            ("control_groups: [{ name: a, percent: 0 }]", "no_effect"),
            (
                "dedup: [{ name: b, window: 7d, key: campaign }, { name: a, window: 1d, key: [campaign, template] }]",
                "never_decides"
            ),
            ("dedup: [{ name: b, window: 7d }, { name: a, window: 7d }]", "never_decides"),
            ("dedup: [{ name: b, window: 1d, key: campaign }, { name: a, window: 7d, key: [campaign, template] }]", ""),
            ("dedup: [{ name: b, window: 7d, scope: address }, { name: a, window: 1d }]", ""),
        ])
    func others(_ yaml: String, _ kinds: String) throws {
        let findings = try Policy.parse(text: yaml).findings
        #expect(findings.map(\.kind.rawValue).joined(separator: " ") == kinds, "\(findings)")
        #expect(findings.allSatisfy { $0.rule == "a" && $0.line == 1 })
    }

    private static func rules(_ random: inout Seeded) -> [String] {
        func selector() -> String {
            [
                "", "", "category: marketing", "channel: sms", "category: news, channel: sms", "tags: promo",
                "tags: promo/summer", "tags: { all: [promo], none: [x] }",
            ].randomElement(using: &random)!
        }
        func rule(_ name: Int) -> String {
            let window = ["20s", "60s", "2m", "3m", "10m", "calendar day", "calendar 2 days", "1d", "2d", "lifetime"]
                .randomElement(using: &random)!
            let per = ["recipient", "recipient", "recipient+channel", "recipient+category"].randomElement(
                using: &random)!
            let action = ["drop", "hold", "hold"].randomElement(using: &random)!
            let reserve = Int.random(in: 0..<4, using: &random) == 0 ? ", reserve: { priority: high, slots: 1 }" : ""
            let counts = Int.random(in: 0..<4, using: &random) == 0 ? ", counts: { \(selector()) }" : ""
            return
                "  - { name: r\(name), applies_to: { \(selector()) }\(counts), limit: \(Int.random(in: 1...5, using: &random)), window: \(window), per: \(per), on_cap: \(action)\(reserve) }"
        }
        return (0..<4).map(rule)
    }

    private static func policy(_ rules: [String], without removed: String? = nil) throws -> Policy {
        let kept = rules.filter { rule in removed.map { !rule.contains("name: \($0),") } ?? true }
        return try Policy.parse(
            text: "categories: { marketing: { consent: none }, news: { consent: none } }\ncaps:\n"
                + kept.joined(separator: "\n"))
    }

    @Test("the random rules are such that some never decide")
    func meaningful() throws {
        let found = try (0..<120).count { seed in
            var random = Seeded(state: UInt64(seed) &+ 70_000)
            return try Self.policy(Self.rules(&random)).findings.contains {
                [.neverFills, .neverDecides].contains($0.kind)
            }
        }
        #expect(found >= 20, "\(found) of 120")
    }

    @Test("a rule that is said never to decide can be removed without a change", arguments: 0..<120)
    func sound(_ seed: Int) throws {
        var random = Seeded(state: UInt64(seed) &+ 70_000)
        let rules = Self.rules(&random)
        let findings = try Self.policy(rules).findings.filter { [.neverFills, .neverDecides].contains($0.kind) }
        for finding in findings {
            var world = try World("")
            world.policy = try Self.policy(rules)
            let reduced = try Self.policy(rules, without: finding.rule)
            var now = World.noon
            for _ in 0..<150 {
                let pause = Int.random(in: 0..<12, using: &random) == 0 ? 100_000_000 : 20_000
                now = now + .milliseconds(Int64.random(in: 0...Int64(pause), using: &random))
                let message = world.message(
                    ["marketing", "news"].randomElement(using: &random)!,
                    channels: [[Channel.email, .sms].randomElement(using: &random)!],
                    tags: [[], ["promo"], ["promo/summer"], ["promo", "x"]].randomElement(using: &random)!,
                    priority: [.normal, .high].randomElement(using: &random)!)
                var other = world
                other.policy = reduced
                let verdict = world.ask(message, at: now).verdict
                #expect(verdict == other.ask(message, at: now).verdict, "seed \(seed): \(finding.message) \(rules)")
                world.contact(message, at: now)
            }
        }
    }

    @Test("the rules are described in words")
    func rows() throws {
        let yaml = """
            control_groups: [{ name: holdout, percent: 2.5 }]
            dedup: [{ name: same, key: [campaign, dedup_key], window: 7d, across: none, when_missing: skip }]
            quiet_hours:
              - name: nights
                applies_to: { category: marketing, channel: [sms, push] }
                hours: [{ days: weekdays, from: "21:00", to: "08:00" }, { days: [sat], from: "20:00", to: "24:00" }]
                except: [{ date: 2026-12-25, hours: all }]
                segment: { where: "recipient.country == 'FR'" }
            caps:
              - { name: week, applies_to: { tags: promo }, limit: 3, window: calendar 2 weeks, week_starts: sunday, in: UTC,
                  on_cap: next_channel, otherwise: drop, reserve: { priority: high, slots: 1 } }
              - { name: gap, gap: 90m, counts: { channel: sms }, per: recipient+campaign, overrides: week }
              - { name: none, limit: 0, window: lifetime }
            """
        let rows = try Policy.parse(text: yaml).rows
        #expect(rows.map(\.name) == ["holdout", "same", "nights", "week", "gap", "none"])
        #expect(rows.map(\.line) == [1, 2, 4, 10, 12, 13])
        #expect(
            rows.map(\.says) == [
                "2.5 % of people are never contacted",
                "1 with the same campaign+dedup_key in any 7 days, per recipient",
                "mon-fri 21:00-08:00, sat 20:00-24:00; 1 date of its own, by the recipient's clock",
                "3 each 2 calendar weeks from sunday in UTC, per recipient",
                "1 in any 90 minutes, per recipient+campaign", "never",
            ])
        #expect(
            rows.map(\.about) == [
                "everything", "everything", "marketing; by sms, push", "tag promo", "everything", "everything",
            ])
        #expect(rows[3].then == "next_channel, else drop")
        #expect(rows[2].notes == ["where recipient.country == 'FR'"])
        #expect(rows[3].notes == ["1 reserved for high and above"])
        #expect(rows[4].notes == ["counts by sms", "overrides week"])
    }
}
