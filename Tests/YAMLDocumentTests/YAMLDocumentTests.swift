import Testing
import YAMLDocument

@Suite struct YAMLDocumentTests {
    private func root(_ text: String) throws -> YAMLMapping {
        try YAMLDocument.parse(text: text, file: "test.yaml").root.mapping()
    }

    @Test func `Values are read with their types`() throws {
        let map = try root(
            """
            name: order confirmed
            version: 1.10
            limit: 1_000
            share: 0.25
            on: true
            window: 7d
            size: 1MiB
            channels: [email, sms]
            one: email
            nothing:
            quoted: "5"
            """)
        #expect(try map.string("name") == "order confirmed")
        #expect(try map.string("version") == "1.10")
        #expect(try map.int("limit", default: 0) == 1000)
        #expect(try map.double("share", default: 0) == 0.25)
        #expect(try map.double("limit", default: 0) == 1000)
        #expect(try map.bool("on", default: false))
        #expect(try map.duration("window", default: .zero) == .seconds(7 * 86_400))
        #expect(try map.bytes("size", default: 0) == 1 << 20)
        #expect(try map.strings("channels") == ["email", "sms"])
        #expect(try map.strings("one") == ["email"])
        #expect(try map.string("nothing", default: "x") == "x")
        #expect(map.contains("nothing"))
        #expect(try map.string("quoted") == "5")
        #expect(try map.int(ifPresent: "absent") == nil)
        #expect(map.keys.count == 11)
    }

    @Test func `Paths and positions locate a value`() throws {
        let caps = try root("caps:\n  - name: a\n    limit: 5\n  - name: b\n").list("caps")
        #expect(try caps[0].mapping()["limit"]?.path == "caps[0].limit")
        #expect(caps[1].line == 4)
        #expect(caps[1].column == 5)
        #expect(try caps[1].mapping().entries[0].column == 5)
    }

    @Test func `An unknown key is reported like a compiler error`() throws {
        let map = try root("caps:\n  limt: 5\n")
        let caps = try #require(try map.mapping(ifPresent: "caps"))
        let error = #expect(throws: YAMLError.self) { try caps.checkKeys(known: ["limit", "window"]) }
        #expect(
            error?.description == """
                test.yaml:2:3: error: unknown key "limt"
                   2 |   limt: 5
                     |   ^
                     = help: did you mean "limit"?
                """)
    }

    enum Route: String, CaseIterable { case first, all, best }

    @Test(
        "The error of a wrong value says what would be right",
        arguments: [
            ("a: x", "\"a\" must be a whole number, not the string \"x\""),
            ("a: 1.5", "whole number, not the number 1.5"),
            ("a: [1]", "whole number, not a list"), ("a: {b: 1}", "whole number, not a mapping"),
            ("a: \"5\"", "remove the quotes"), ("a: 11", "must be from 1 to 10"), ("a: true", "not true"),
        ])
    func wrongInteger(_ text: String, _ part: String) throws {
        let map = try root(text)
        let error = #expect(throws: YAMLError.self) { try map.int("a", default: 1, in: 1...10) }
        #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
    }

    @Test func `A wrong flag, duration, size and name are rejected with a hint`() throws {
        let map = try root("a: yes\nb: 7 days\nc: many\nd: frist\ne: 5d\n")
        #expect(throws: YAMLError.self) { try map.bool("a", default: false) }
        #expect(throws: YAMLError.self) { try map.duration("b", default: .zero) }
        #expect(throws: YAMLError.self) { try map.bytes("c", default: 0) }
        let error = #expect(throws: YAMLError.self) { try map.choice("d", default: Route.first) }
        #expect(error?.help == "did you mean \"first\"?")
        #expect(try map.choice("x", default: Route.best) == .best)
        let range = #expect(throws: YAMLError.self) {
            try map.duration("e", default: .zero, in: .seconds(1)...(.seconds(86_400)))
        }
        #expect(range?.message == "\"e\" is out of range; it must be from 1s to 1d")
        #expect(throws: YAMLError.self) { try map.require("zzz") }
    }

    @Test(
        "Durations are numbers with units in descending order",
        arguments: [
            ("0s", Duration.zero), ("90s", .seconds(90)), ("7d", .seconds(604_800)), ("500ms", .milliseconds(500)),
            ("1h30m", .seconds(5_400)), ("1.5h", .seconds(5_400)), ("2w", .seconds(1_209_600)),
            ("1m1s1ms1us", .microseconds(61_001_001)),
            ("5", nil), ("s", nil), ("", nil), ("1s1h", nil), ("1s1s", nil), ("-1s", nil), ("1x", nil), ("1h ", nil),
            ("99999999999999999w", nil), ("1..5h", nil),
        ] as [(String, Duration?)])
    func durations(_ text: String, _ expected: Duration?) throws {
        let map = try root("a: \"\(text)\"")
        if let expected {
            #expect(try map.duration("a", default: .seconds(1)) == expected)
        } else {
            #expect(throws: YAMLError.self) { try map.duration("a", default: .zero) }
        }
    }

    @Test(
        arguments: [
            ("0", 0), ("4096", 4096), ("64KiB", 65_536), ("1.5GiB", 1_610_612_736), ("10MB", 10_000_000),
            ("1 MiB", 1 << 20),
            ("1XB", nil), ("MiB", nil), ("-1", nil), ("99999999999GiB", nil),
        ] as [(String, Int?)])
    func `Sizes are numbers with units`(text: String, expected: Int?) throws {
        let map = try root("a: \(text)")
        if let expected {
            #expect(try map.bytes("a", default: -1) == expected)
        } else {
            #expect(throws: YAMLError.self) { try map.bytes("a", default: -1) }
        }
    }

    @Test func `Several documents are accepted only on request`() throws {
        let text = "a: 1\n---\nb: 2\n"
        #expect(try YAMLDocument.parseAll(text: text, file: "f").count == 2)
        let error = #expect(throws: YAMLError.self) { try YAMLDocument.parse(text: text, file: "f") }
        #expect(error?.line == 3)
        #expect(try YAMLDocument.parse(text: "", file: "f").root.mapping().keys.isEmpty)
        #expect(try YAMLDocument.parse(text: "# only a comment\n", file: "f").root.mapping().keys.isEmpty)
    }

    @Test(
        "Invalid files are rejected with a position",
        arguments: [
            ("a: [1, 2", 2), ("a: 1\n b: 2", 2), ("a: 1\na: 2", 1), ("? [x]\n: 1", 1), ("a: *nowhere", 1),
            ("<<: {a: 1}", 1),
            ("a: b: c", 1), ("a: @x", 1), ("\ta: 1", 1), ("a: \"\\q\"", 1),
        ])
    func broken(_ text: String, _ line: Int) {
        let error = #expect(throws: YAMLError.self) { try YAMLDocument.parse(text: text, file: "f.yaml") }
        #expect(error?.line == line, "\(error?.description ?? "")")
        #expect(error?.description.hasPrefix("f.yaml:\(line):") == true)
    }

    @Test func `Control characters are rejected without a position`() {
        let error = #expect(throws: YAMLError.self) { try YAMLDocument.parse(text: "a: \u{1}", file: "f.yaml") }
        #expect(error?.description.hasPrefix("f.yaml: error:") == true)
    }

    @Test func `Aliases work, and bombs do not`() throws {
        let map = try root("base: &b [1, 2]\nagain: *b\n")
        #expect(try map.list("again").count == 2)
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let names = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            bomb += "a\(level): &a\(level) [\(names)]\n"
        }
        let refused = #expect(throws: YAMLError.self) { try YAMLDocument.parse(text: bomb, file: "bomb.yaml") }
        #expect(refused?.message.contains("aliases") == true)
        let counted = #expect(throws: YAMLError.self) {
            try YAMLDocument.parse(
                text: bomb, file: "bomb.yaml", limits: YAMLLimits(maxValues: 10_000, maxAliases: 1_000))
        }
        #expect(counted?.message.contains("more than 10000 values") == true)
    }

    @Test func `Size and depth are bounded`() {
        let long = #expect(throws: YAMLError.self) {
            try YAMLDocument.parse(text: String(repeating: "# x\n", count: 300_000), file: "f")
        }
        #expect(long?.message.contains("at most 1048576") == true)
        let deep = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
        #expect(throws: YAMLError.self) { try YAMLDocument.parse(text: deep, file: "f") }
        let abyss = String(repeating: "[", count: 100_000)
        #expect(throws: YAMLError.self) { try YAMLDocument.parse(text: abyss, file: "f") }
    }
}
