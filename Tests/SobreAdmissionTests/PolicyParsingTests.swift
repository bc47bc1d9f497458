import SobreAdmission
import SobreModel
import Testing
import YAMLDocument

@Suite struct PolicyParsingTests {
    struct Mistake: Sendable {
        var yaml: String
        var says: String
        var line: Int
        var help: String?
    }

    @Test(
        "a mistake is told with its line and what would be right",
        arguments: [
            Mistake(
                yaml: "tracking: { consent: Marketing }", says: "is a category or a topic", line: 1, help: "consent:"),
            Mistake(
                yaml: "topics: [tracking]\ntracking: { requires_consent: true }", says: "is a category or a topic",
                line: 2),
            Mistake(
                yaml: "tracking: { requires: true }", says: "unknown key \"requires\"", line: 1,
                help: "requires_consent"),
            Mistake(yaml: "cap: []", says: "unknown key \"cap\"", line: 1, help: "caps"),
            Mistake(yaml: "caps:\n  - { name: a, limt: 5, window: 7d }", says: "limt", line: 2, help: "limit"),
            Mistake(yaml: "caps:\n  - { name: a, window: 7d }", says: "\"limit\" is missing", line: 2),
            Mistake(yaml: "caps:\n  - { name: a, limit: -1, window: 7d }", says: "out of range", line: 2),
            Mistake(yaml: "caps:\n  - { name: a, limit: 1, window: 500d }", says: "not a window", line: 2, help: "7d"),
            Mistake(
                yaml: "caps:\n  - { name: a, limit: 1, window: calendar fortnight }", says: "not a window", line: 2),
            Mistake(yaml: "caps:\n  - { name: a, limit: 1, window: calendar 0 days }", says: "not a window", line: 2),
            Mistake(yaml: "caps:\n  - { name: a, limit: 1, window: 7d, in: UTC }", says: "only to calendar", line: 2),
            Mistake(yaml: "caps:\n  - { name: a, limit: 1, gap: 7d }", says: "either", line: 2),
            Mistake(yaml: "caps:\n  - { name: a, gap: 1h }\n  - { name: a, gap: 2h }", says: "is taken", line: 3),
            Mistake(
                yaml: "caps:\n  - name: a\n    applies_to: { category: marketng }\n    gap: 1h", says: "marketng",
                line: 3,
                help: "marketing"),
            Mistake(yaml: "caps:\n  - { name: a, gap: 1h, applies_to: { channel: mail } }", says: "mail", line: 2),
            Mistake(yaml: "caps:\n  - { name: a, gap: 1h, overrides: b }", says: "\"b\"", line: 2),
            Mistake(yaml: "caps:\n  - { name: a, gap: 1h, overrides: a }", says: "itself", line: 2),
            Mistake(
                yaml: "caps:\n  - { name: a, gap: 1h, overrides: b }\n  - { name: b, gap: 2h, overrides: c }\n"
                    + "  - { name: c, gap: 3h, overrides: a }", says: "none of them would apply", line: 2),
            Mistake(yaml: "caps:\n  - { name: a, gap: 1h, per: person }", says: "person", line: 2),
            Mistake(yaml: "caps:\n  - { name: a, gap: 1h, otherwise: drop }", says: "only together with", line: 2),
            Mistake(
                yaml: "caps:\n  - { name: a, limit: 1, window: 1d, reserve: { priority: high, slots: 2 } }",
                says: "out of range", line: 2),
            Mistake(yaml: "default_timezone: Europe/Pari", says: "Europe/Pari", line: 1, help: "Europe/Paris"),
            Mistake(yaml: "default_timezone: ../../etc/passwd", says: "not the form", line: 1),
            Mistake(
                yaml: "quiet_hours:\n  - { name: q, hours: [{ from: \"25:00\", to: \"08:00\" }] }", says: "25:00",
                line: 2),
            Mistake(
                yaml: "quiet_hours:\n  - { name: q, hours: [{ from: \"08:00\", to: \"08:00\" }] }",
                says: "cannot be empty",
                line: 2),
            Mistake(
                yaml: "quiet_hours:\n  - { name: q, hours: [], except: [{ date: 2026-02-30, hours: all }] }",
                says: "2026-02-30", line: 2),
            Mistake(yaml: "dedup:\n  - { name: d }", says: "\"window\" is missing", line: 2),
            Mistake(yaml: "dedup:\n  - { name: d, window: 1d, key: dedup_key }", says: "nothing is left", line: 2),
            Mistake(
                yaml: "dedup:\n  - { name: d, window: 1d, key: [campagn] }", says: "campagn", line: 2, help: "campaign"),
            Mistake(yaml: "categories:\n  marketing: { consent: yes }", says: "yes", line: 2),
            Mistake(yaml: "in_flight: 0s", says: "out of range", line: 1),
        ])
    func mistakes(_ mistake: Mistake) throws {
        do {
            _ = try Policy.parse(text: mistake.yaml, file: "policy.yaml")
            Issue.record("accepted: \(mistake.yaml)")
        } catch {
            #expect(error.message.contains(mistake.says), "\(error)")
            #expect(error.line == mistake.line, "\(error)")
            if let help = mistake.help { #expect(error.help?.contains(help) == true, "\(error)") }
        }
    }

    @Test("an empty policy is a policy: nothing is capped, marketing needs consent")
    func empty() throws {
        let policy = try Policy.parse(text: "")
        #expect(policy.version == 0)
        #expect(policy.with(version: 3).version == 3)
        #expect(policy.categories.map(\.name) == ["marketing", "transactional"])
        #expect(policy.horizon >= .seconds(86_400))
    }

    @Test("the horizon reaches as far back as the widest window")
    func horizon() throws {
        let policy = try Policy.parse(
            text: "in_flight: 60s\ncaps: [{ name: a, limit: 1, window: 30d }]\ndedup: [{ name: d, window: 45d }]")
        #expect(policy.horizon == .seconds(45 * 86_400 + 60))
        let month = try Policy.parse(text: "caps: [{ name: a, limit: 1, window: calendar month }]")
        #expect(month.horizon >= .seconds(31 * 86_400))
    }
}
