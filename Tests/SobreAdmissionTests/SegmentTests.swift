import SobreAdmission
import SobreModel
import Testing
import YAMLDocument

@Suite struct SegmentTests {
    static let attributes = #"""
        {"engagement": "low", "orders": 3, "spent": 12.5, "vip": false, "groups": ["early", 7], "city": null,
         "address": {"country": "FR", "zip": "75001"}, "long": 9007199254740993, "quoted": "a\u0062c"}
        """#

    /// Whether a cap of zero with this condition blocks a message to `ann`.
    private func holds(_ condition: String, attributes: String = Self.attributes, more: String = "") throws -> Bool {
        let quoted = condition.replacing("\"", with: "\\\"")
        var world = try World(
            "caps: [{ name: some, limit: 0, window: 1d, segment: { where: \"\(quoted)\" }\(more) }]")
        world.profile?.attributes = Array(attributes.utf8)
        world.profile?.country = "FR"
        return !world.ask(world.message()).isSend
    }

    @Test(
        "a condition is true",
        arguments: [
            "engagement == 'low'", "engagement != \"high\"", "orders >= 3 and orders < 4", "spent > 12",
            "spent == 12.5",
            "not vip", "vip == false", "not (vip or orders > 5)", "engagement in ['low', 'none']",
            "engagement not in ['high']", "orders in [1, 2, 3]", "'early' in groups", "7 in groups",
            "'late' not in groups", "address.country == recipient.country", "address.zip < '8'", "city == null",
            "nothing == null", "nothing.at.all == null", "recipient.timezone == 'Europe/London'",
            "vip or engagement == 'low' and orders == 3", "quoted == 'abc'", "orders > -1",
            "groups == 3 or engagement == 'low'", "not ( groups == 3 and vip )", "engagement.length == null",
        ])
    func yes(_ condition: String) throws { #expect(try holds(condition), "\(condition)") }

    @Test(
        "a condition is false",
        arguments: [
            "engagement == 'Low'", "orders > 3", "vip", "city != null", "nothing", "'x' in nothing", "engagement == 3",
            "vip and nothing < 3", "(engagement == 'low') and vip", "recipient.locale != null", "orders in []",
            "not engagement == 'low'", "engagement in ['lo', 'w']",
        ])
    func no(_ condition: String) throws { #expect(try !holds(condition), "\(condition)") }

    @Test(
        "what cannot be told restrains, unless the rule allows it",
        arguments: [
            "engagement > 3", "nothing < 3", "groups == 3", "engagement", "'x' in engagement", "not (orders < 'a')",
            "vip or orders < 'a'",
        ])
    func unreadable(_ condition: String) throws {
        #expect(try holds(condition))
        #expect(try !holds(condition, more: ", on_error: allow"))
        #expect(try holds("engagement == 'high'", attributes: "{\"engagement\": "))
        #expect(try !holds("engagement == 'high'", attributes: "{\"engagement\": ", more: ", on_error: allow"))
    }

    @Test("a rule whose segment cannot be read takes no other rule's place")
    func failsClosed() throws {
        let yaml = """
            caps:
              - { name: all, limit: 1, window: 1d }
              - { name: vips, limit: 9, window: 1d, overrides: all, segment: { where: "level > 3" } }
            """
        var world = try World(yaml)
        world.profile?.attributes = Array(#"{"level": 4}"#.utf8)
        #expect(world.contact(world.message(), at: World.noon).isSend)
        #expect(world.ask(world.message()).isSend)
        world.profile?.attributes = Array(#"{"level": "gold"}"#.utf8)
        let decision = world.ask(world.message())
        #expect(decision.verdict == .drop(.frequencyCapped))
        #expect(decision.text.contains(#""unreadable":"a string and a number have no order""#))
        world.profile?.attributes = Array(#"{"level": 1}"#.utf8)
        #expect(!world.ask(world.message()).isSend)
    }

    @Test("quiet hours can be for some people only")
    func quietHours() throws {
        let yaml = """
            quiet_hours:
              - { name: q, hours: [{ from: "00:00", to: "24:00", days: monday }], on_hit: drop,
                  segment: { where: "recipient.country in ['FR', 'BE']" } }
            """
        var world = try World(yaml, country: "FR")
        #expect(world.ask(world.message()).verdict == .drop(.quietHours))
        world.profile?.country = "DE"
        #expect(world.ask(world.message()).isSend)
    }

    struct Mistake: Sendable {
        var condition: String
        var says: String
        /// The column in the file, from 1. The condition's first character is in column 54.
        var column: Int
    }

    @Test(
        "a mistake is told with its line and the very character",
        arguments: [
            Mistake(condition: "engagement = 'low'", says: "not \"=\"", column: 65),
            Mistake(condition: "engagement == ", says: "an attribute, a string or a number is expected", column: 68),
            Mistake(condition: "a == 'b", says: "is not closed", column: 59),
            Mistake(condition: "(a == 1", says: "\")\" is expected", column: 61),
            Mistake(condition: "a == 1 b", says: "\"and\", \"or\" or the end", column: 61),
            Mistake(condition: "'x'", says: "neither true nor false", column: 54),
            Mistake(condition: "a < true", says: "no order", column: 56),
            Mistake(condition: "recipient.age > 3", says: "no \"recipient.age\"", column: 54),
            Mistake(condition: "a in ['x' 'y']", says: "\",\" or \"]\"", column: 64),
            Mistake(condition: "a == 1.2.3", says: "not a number", column: 59),
            Mistake(condition: "", says: "expected", column: 53),
            Mistake(condition: "not", says: "expected", column: 57),
        ])
    func mistakes(_ mistake: Mistake) throws {
        let yaml = "caps:\n  - { name: some, gap: 1h, segment: { where:        \"\(mistake.condition)\" } }"
        do {
            _ = try Policy.parse(text: yaml)
            Issue.record("accepted: \(mistake.condition)")
        } catch {
            #expect(error.line == 2)
            #expect(error.column == mistake.column, "\(error)")
            #expect(error.message.contains(mistake.says), "\(error)")
        }
    }

    @Test("a condition is bounded in length, parts and depth")
    func bounds() throws {
        func parse(_ condition: String) throws {
            _ = try Policy.parse(text: "caps: [{ name: a, gap: 1h, segment: { where: \"\(condition)\" } }]")
        }
        let part = "a == 1"
        try parse(Array(repeating: part, count: 64).joined(separator: " or "))
        #expect(throws: (any Error).self) {
            try parse(Array(repeating: part, count: 65).joined(separator: " or "))
        }
        try parse(String(repeating: "(", count: 16) + part + String(repeating: ")", count: 16))
        #expect(throws: (any Error).self) {
            try parse(String(repeating: "(", count: 17) + part + String(repeating: ")", count: 17))
        }
        #expect(throws: (any Error).self) { try parse(String(repeating: "not ", count: 40) + "a") }
        #expect(throws: (any Error).self) { try parse("a == '" + String(repeating: "x", count: 2_000) + "'") }
        #expect(throws: (any Error).self) { try parse("a.b.c.d.e.f.g.h.i == 1") }
    }

    @Test("random conditions mean what a plain evaluator says", arguments: 0..<60)
    func agreesWithReference(_ seed: Int) throws {
        var random = Seeded(state: UInt64(seed) &+ 9_000)
        let facts = ["a": Int.random(in: 0...3, using: &random), "b": Int.random(in: 0...3, using: &random)]
        /// The text and the value of a random condition.
        func make(_ depth: Int) -> (String, Bool) {
            switch depth == 0 ? 0 : Int.random(in: 0...3, using: &random) {
            case 1:
                let (x, y) = (make(depth - 1), make(depth - 1))
                return ("(\(x.0)) and \(y.0.contains(" or ") ? "(\(y.0))" : y.0)", x.1 && y.1)
            case 2:
                let (x, y) = (make(depth - 1), make(depth - 1))
                return ("\(x.0) or \(y.0)", x.1 || y.1)
            case 3:
                let x = make(depth - 1)
                return ("not (\(x.0))", !x.1)
            default:
                let name = ["a", "b"].randomElement(using: &random)!
                let number = Int.random(in: 0...3, using: &random)
                let comparisons: [(String, (Int, Int) -> Bool)] = [
                    ("==", ==), ("!=", !=), ("<", <), ("<=", <=), (">", >), (">=", >=),
                ]
                let (sign, compare) = comparisons.randomElement(using: &random)!
                return ("\(name) \(sign) \(number)", compare(facts[name]!, number))
            }
        }
        for _ in 0..<20 {
            let (text, truth) = make(3)
            #expect(
                try holds(text, attributes: "{\"a\": \(facts["a"]!), \"b\": \(facts["b"]!)}") == truth, "\(text)")
        }
    }
}
