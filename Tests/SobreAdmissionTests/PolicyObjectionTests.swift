import SobreModel
import Testing
import YAMLDocument

@testable import SobreAdmission

@Suite struct PolicyObjectionTests {
    private static let text = """
        default_timezone: UTC
        categories:
          marketing: {consent: opt_in}
          newsletter: {consent: opt_out}
        quiet_hours:
          - {name: nights, applies_to: {category: marketing}, hours: [{from: "21:00", to: "08:00"}]}
        dedup:
          - {name: same, window: 7d}
        caps:
          - {name: week, applies_to: {category: marketing}, limit: 3, window: 7d}
          - {name: day, applies_to: {category: marketing}, limit: 1, window: calendar day}

        """

    private static func objection(_ next: String, to old: String = text) throws -> PolicyObjection? {
        try Policy.parse(text: next).objection(
            text: next, replacing: Policy.parse(text: old).with(version: 4), text: old)
    }

    @Test(arguments: [
        (
            "name: week, applies_to: {category: marketing}, limit: 3",
            "name: week, applies_to: {category: marketing}, limit: 5"
        ),
        ("limit: 3, window: 7d", "limit: 1, window: 7d"), ("name: day", "name: per-day"),
        ("  - {name: week, applies_to: {category: marketing}, limit: 3, window: 7d}\n", ""),
        ("opt_out", "opt_in"), ("21:00", "22:00"), ("default_timezone: UTC", "default_timezone: Europe/Paris"),
    ])
    func `Single rules may be changed, added and removed`(old: String, new: String) throws {
        #expect(try Self.objection(Self.text.replacing(old, with: new)) == nil)
    }

    @Test func `More rules, comments and blank lines are no objection`() throws {
        #expect(try Self.objection(Self.text) == nil)
        #expect(try Self.objection(Self.text + "# more\n\n") == nil)
        #expect(try Self.objection(Self.text, to: Self.text + "\n# more\n") == nil)
        #expect(try Self.objection(Self.text + "  - {name: month, limit: 9, window: 30d}\n") == nil)
    }

    @Test(arguments: [
        (
            "\nquiet_hours:\n  - {name: nights, applies_to: {category: marketing}, hours: [{from: \"21:00\", to: \"08:00\"}]}",
            "", "its quiet hours are gone"
        ),
        ("\ndedup:\n  - {name: same, window: 7d}", "", "its dedup rules are gone"),
        ("  newsletter: {consent: opt_out}\n", "", "the category \"newsletter\" is gone"),
        ("consent: opt_in", "consent: none", "asks for consent none instead of opt_in"),
        ("consent: opt_in", "consent: opt_in, obeys_caps: false", "caps no longer restrain the category \"marketing\""),
    ])
    func `What loosens a kind of rule or a category is objected to`(old: String, new: String, reason: String) throws {
        let next = Self.text.replacing(old, with: new)
        #expect(next != Self.text)
        let objection = try Self.objection(next)
        #expect(objection?.description.contains(reason) == true, "\(String(describing: objection))")
        #expect(objection?.description.contains("loosens: 4") == true)
        #expect(try Self.objection(next + "loosens: 4\n") == nil)
        #expect(try Self.objection(next + "loosens: 3\n") != nil)
    }

    @Test func `A policy that no longer asks for consent to tracking is objected to`() throws {
        let strict = Self.text + "tracking: {requires_consent: true}\n"
        #expect(try Self.objection(strict, to: Self.text) == nil)
        for next in [Self.text + "\n", Self.text + "tracking: {requires_consent: false}\n"] {
            #expect(
                try Self.objection(next, to: strict)?.reasons.contains(
                    "openings and clicks no longer need consent to tracking") == true)
        }
    }

    @Test func `Caps that are gone or all allow ten times as much are objected to`() throws {
        let start = Self.text.firstRange(of: "caps:")!.lowerBound
        let withoutCaps = "caps: []\n" + Self.text[..<start]
        #expect(try Self.objection(withoutCaps)?.reasons == ["its caps are gone"])
        let loose = Self.text.replacing("limit: 3", with: "limit: 30").replacing("limit: 1,", with: "limit: 10,")
        #expect(try Self.objection(loose)?.reasons == ["every cap allows at least 10 times as much"])
        let one = Self.text.replacing("limit: 3", with: "limit: 3000")
        #expect(try Self.objection(one) == nil)
    }

    /// Every beginning of the text that is a policy: what a reader sees of a file that is being written.
    @Test func `No beginning of the policy in force takes its place`() throws {
        var valid = 0
        let lines = Self.text.split(separator: "\n").count
        for length in 0..<(Self.text.count - 1) {
            let next = String(Self.text.prefix(length))
            guard let policy = try? Policy.load(text: next) else { continue }
            valid += 1
            let old = try Policy.parse(text: Self.text).with(version: 1)
            #expect(policy.objection(text: next, replacing: old, text: Self.text) != nil, "\(next)")
        }
        #expect(valid > lines / 2)
    }

    @Test func `A text without the end mark of the one in force may be cut`() throws {
        let old = Self.text + "...\n"
        let next = Self.text.replacing("limit: 3", with: "limit: 2")
        #expect(
            try Self.objection(next, to: old)?.reasons.first?.hasPrefix("it does not end with the line \"...\"") == true
        )
        #expect(try Self.objection(next + "...\n", to: old) == nil)
    }

    @Test(arguments: [
        ("", "the policy is empty"), ("\n# comment\n", "the policy is empty"), ("{}", "the policy is empty"),
        ("default_timezone: UTC\n", "names no categories"),
        ("caps: [{name: a, limit: 1, window: 7d}]\n", "names no categories"),
    ])
    func `An empty policy and one without categories cannot be put in force`(text: String, message: String) {
        let error = #expect(throws: YAMLError.self) { try Policy.load(text: text) }
        #expect(error?.message.contains(message) == true)
        #expect(throws: Never.self) { try Policy.load(text: "categories: {}\n") }
    }

    @Test func `A rule that names a template which does not exist is found`() throws {
        let policy = try Policy.parse(
            text: "caps:\n  - {name: a, applies_to: {template: [win-bakc, receipt]}, limit: 1, window: 7d}\n")
        let found = policy.unknownTemplates(known: ["win-back", "receipt"])
        #expect(
            found.map(\.message) == [
                "The rule \"a\" names the template \"win-bakc\", which does not exist. Did you mean \"win-back\"?"
            ])
        #expect(found.map(\.line) == [2])
        #expect(policy.unknownTemplates(known: ["win-bakc", "receipt"]).isEmpty)
    }

    @Test(arguments: [
        ("recipient.country == NO", "NO"), ("recipient.country in [SE, 'DK']", "SE"), ("not (tier != gold)", "gold"),
        ("orders > 3 and recipient.locale == fr", "fr"),
    ])
    func `A condition that compares with a bare name is found`(condition: String, name: String) throws {
        let policy = try Policy.parse(
            text: "caps:\n  - {name: a, segment: {where: \"\(condition)\"}, limit: 1, window: 7d}\n")
        let found = policy.findings.filter { $0.kind == .unknownName }
        #expect(found.count == 1)
        #expect(found.first?.message.contains("compares with \(name), which is read as an attribute") == true)
        #expect(found.first?.message.contains("Write '\(name)'") == true)
    }

    @Test(arguments: ["recipient.country == 'NO'", "'vip' in groups", "orders > 3", "opted", "address.city == 'Oslo'"])
    func `A condition that compares with a text or a number is not`(condition: String) throws {
        let policy = try Policy.parse(
            text: "caps:\n  - {name: a, segment: {where: \"\(condition)\"}, limit: 1, window: 7d}\n")
        #expect(policy.findings.allSatisfy { $0.kind != .unknownName })
    }
}
