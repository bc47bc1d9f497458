import Glibc
import Testing

@testable import Liquid

/// Work is paid for by the bytes that it touches, so that no render takes long, whatever a template does.
@Suite struct WorkTests {
    /// 60 kB of several kinds, and long lists.
    private static let data: String = {
        func text(_ unit: String) -> String { String(repeating: unit, count: 60_000 / unit.utf8.count) }
        let numbers = (0..<20_000).map(String.init).joined(separator: ",")
        let rows = (0..<3_000).map { #"{"a":\#($0),"b":"x\#($0)"}"# }.joined(separator: ",")
        return """
            {"big":"\(text("lorem ipsum "))","same":"\(text("lorem ipsum "))","a":"\(text("a"))","ab":"\(text("a"))b",
            "marks":"\(text("e\u{301}日😀"))","digits":"\(text("12345"))","tags":"\(text("<!-- "))",
            "numbers":[\(numbers)],"more":[\(numbers)],"rows":[\(rows)]}
            """
    }()

    private static let processorMilliseconds: @Sendable () -> Double = {
        var now = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now)
        return Double(now.tv_sec) * 1e3 + Double(now.tv_nsec) / 1e6
    }

    /// The work of one render in units, and how it ended.
    private func work(of body: String, turns: Int, budget: Int = 20_000_000) throws -> (
        units: Int, kind: LiquidError.Kind?
    ) {
        let template = try Template.parse(source: "{% for i in (1..\(turns)) %}\(body){% endfor %}")
        let data = TemplateData()
        try data.add(json: Array(Self.data.utf8))
        let renderer = Renderer()
        let options = RenderOptions.limited { $0.work = budget }
        do {
            _ = try renderer.render(template, data: data, options: options)
            return (renderer.work, nil)
        } catch let error as LiquidError {
            return (renderer.work, error.kind)
        }
    }

    private static let filters = [
        "append: big", "base64_encode", "capitalize", "date: big", "downcase", "escape", "escape_once",
        "hmac_sha256: big",
        "json", "mask: 3", "md5", "newline_to_br", "plus: digits", "prepend: big", "remove: ab", "replace: 'a', 'b'",
        "replace: ab, 'x'", "replace_first: ab, 'x'", "remove_last: ab", "sha256", "slice: 100, 50000", "split: ''",
        "split: ' '", "split: ab", "squish", "strip_html", "strip_newlines", "titlecase", "truncate: 50000",
        "truncate_graphemes: 50000", "truncatewords: 5000", "upcase", "url_encode", "url_param_escape", "sms_safe",
        "initials", "url_decode", "date_add: 1, big", "currency: 'EUR'", "t", "utm: source: big",
        "date: '%Y', time_zone: big", "date: '%A', locale: big", "size", "round", "times: digits", "default: big | md5",
    ]

    @Test(arguments: filters) func `a filter over large texts ends by the budget or before it`(filter: String) throws {
        for value in ["big", "a", "marks", "digits", "tags"] {
            let (units, kind) = try work(of: "{% assign x = \(value) | \(filter) %}", turns: 90_000)
            // Each application reads 60 kB: 90,000 of them cannot all be paid for.
            #expect(kind != nil, "\(value) | \(filter) did \(units) units of work")
            #expect(kind != .stepLimit, "\(value) | \(filter) ended by \(kind.map { "\($0)" } ?? "nothing")")
        }
    }

    @Test(arguments: [
        "sort", "sort_natural", "uniq", "reverse", "join: ','", "concat: more", "sum", "compact", "map: 'a'", "json",
        "list",
    ])
    func `a filter over long lists ends by the budget or before it`(filter: String) throws {
        let value = filter.hasPrefix("map") ? "rows" : "numbers"
        let kind = try work(of: "{% assign x = \(value) | \(filter) %}", turns: 90_000).kind
        #expect(kind == .workLimit || kind == .memoryLimit)
    }

    @Test func `uniq of many different values takes as many steps as there are values`() throws {
        for body in ["numbers | uniq", "rows | uniq", "rows | uniq: 'b'"] {
            let (units, kind) = try work(of: "{% assign x = \(body) %}", turns: 1)
            #expect(kind == nil && units < 4_000_000, "\(body): \(units) units, \(kind.map { "\($0)" } ?? "no error")")
        }
    }

    @Test(arguments: [
        "big == same", "big != same", "big < same", "big >= same", "big contains ab", "a contains ab",
        "numbers == more",
        "numbers contains 'x'", "rows contains big", "big contains 'q'",
    ])
    func `a comparison of large values ends by the budget`(condition: String) throws {
        #expect(try work(of: "{% if \(condition) %}{% endif %}", turns: 90_000).kind == .workLimit)
    }

    @Test(arguments: [
        "{% capture c %}{{ big }}{% endcapture %}", "{% ifchanged %}{{ big }}{% endifchanged %}", "{% cycle i: 1, 2 %}",
        "{% capture c %}{{ 1.123456789012345 }}{% endcapture %}", "{% assign x = 3.5 | divided_by: i %}",
        "{% assign x = 1.123456789012345 | plus: 1 %}",
        "{% assign x = marks.size %}", "{% assign x = rows[0][big] %}", "{% assign x = self[big] %}",
        "{% for j in (digits..digits) %}{% endfor %}", "{% capture c %}{{ rows }}{% endcapture %}",
        "{% case 1 %}{% when 1, 1, 1, 1, 1, 1, 1, 1 %}\(String(repeating: "{% assign x = 1 %}", count: 100)){% endcase %}",
        String(repeating: "{% assign x = 1 %}", count: 5000),
        "{% assign x = a\(String(repeating: ".b", count: 5000)) %}",
    ])
    func `a body that is repeated is paid for at each turn`(body: String) throws {
        let kind = try work(of: body, turns: 90_000).kind
        #expect(kind == .workLimit || kind == .memoryLimit)
    }

    @Test func `work grows with the bytes that are touched`() throws {
        for operation in [
            "{% assign x = T | sha256 %}", "{% if T contains 'zzz' %}{% endif %}", "{% if T == U %}{% endif %}",
        ] {
            func units(_ bytes: Int) throws -> Int {
                let template = try Template.parse(source: operation)
                let data = TemplateData()
                let text = String(repeating: "ab ", count: bytes / 3)
                try data.add(json: Array(#"{"T":"\#(text)","U":"\#(text)"}"#.utf8))
                let renderer = Renderer()
                _ = try renderer.render(template, data: data, options: .fixed)
                return renderer.work
            }
            let (small, large) = (try units(30_000), try units(300_000))
            #expect(large > small * 8 && large < small * 12, "\(operation): \(small), then \(large)")
        }
    }

    @Test(arguments: [
        ("\\n", "strip_newlines"), ("\\n", "newline_to_br"), ("a ", "truncatewords: 40000"), ("<", "strip_html"),
    ])
    func `a filter that writes piece by piece pays for each piece`(unit: String, filter: String) throws {
        let count = unit == "a " ? 30_000 : 60_000
        let template = try Template.parse(source: "{% assign x = t | \(filter) %}")
        let data = TemplateData()
        try data.add(json: Array("{\"t\":\"\(String(repeating: unit, count: count))\"}".utf8))
        let renderer = Renderer()
        _ = try renderer.render(template, data: data, options: .fixed)
        // Some five nanoseconds for every byte of 60 kB.
        #expect(renderer.work > 60_000 * 6)
    }

    @Test func `a search reads each byte a few times, whatever it looks for`() {
        func milliseconds(_ text: String, _ needle: String) -> Double {
            let text = Source(name: "", bytes: Array(text.utf8))
            let needle = Source(name: "", bytes: Array(needle.utf8))
            let began = Self.processorMilliseconds()
            #expect(text.text.find(needle.text) == -1)
            #expect(text.text.findLast(needle.text) == -1)
            return Self.processorMilliseconds() - began
        }
        let many = String(repeating: "a", count: 1 << 20)
        // A search that compares the needle at every byte takes minutes.
        #expect(milliseconds(many, many.prefix(1 << 19) + "b") < 2_000)
        #expect(milliseconds(many, "b" + many.prefix(1 << 19)) < 2_000)
    }

    @Test(arguments: [
        ("abcabcabd", "abcabd", 3, 3), ("aaaaab", "aab", 3, 3), ("abab", "ab", 0, 2), ("x", "xy", -1, -1),
        ("", "a", -1, -1),
        ("aXbXc", "X", 1, 3), ("aaaa", "aa", 0, 2), ("mississippi", "issi", 1, 4), ("abc", "", 0, 3),
    ])
    func `the first and the last place are found`(text: String, needle: String, first: Int, last: Int) {
        let padding = String(repeating: "ab", count: 200)
        let source = Source(name: "", bytes: Array(text.utf8))
        let wanted = Source(name: "", bytes: Array(needle.utf8))
        #expect(source.text.find(wanted.text) == first)
        #expect(source.text.findLast(wanted.text) == last)
        // Near misses make the search change its way.
        let far = Source(name: "", bytes: Array((padding + "abX").utf8))
        let end = Source(name: "", bytes: Array("babX".utf8))
        #expect(far.text.find(end.text) == 399)
    }

    @Test(arguments: [
        "", "abc", String(repeating: "x", count: 55), String(repeating: "x", count: 56),
        String(repeating: "x", count: 64),
        String(repeating: "é", count: 1000),
    ])
    func `digests are those of the standards`(text: String) throws {
        // By length in bytes; computed with another implementation.
        let known: [Int: (md5: String, sha256: String, hmac: String)] = [
            0: (
                "d41d8cd98f00b204e9800998ecf8427e",
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "d46761768ee3c864fc76c08b3d73c8092853ae3fefa01b990963dfa2d56e7334"
            ),
            3: (
                "900150983cd24fb0d6963f7d28e17f72",
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                "b58b2b694fdba0dd76da3ebe99174f728d327560f36ece224e90867972479922"
            ),
            55: (
                "04364420e25c512fd958a70738aa8f72", "d5e285683cd4efc02d021a5c62014694958901005d6f71e89e0989fac77e4072",
                "d2a46f605487e623668ab8735ba54fdb57559a3d29f1ee90bdec3c52026c414d"
            ),
            56: (
                "668a72d5ba17f08e62dabcafad6db14b", "04c26261370ee7541549d16dee320c723e3fd14671e66a099afe0a377c16888e",
                "a1b094d75b532d0e64b784a0253beaab95973d7246a3a748632941af4934b827"
            ),
            64: (
                "c1bb4f81d892b2d57947682aeb252456", "7ce100971f64e7001e8fe5a51973ecdfe1ced42befe7ee8d5fd6219506b5393c",
                "bfb3e88dbb051a5dab7551c925ef961993a60b56b18f02bf4cf7b640027679cb"
            ),
            2000: (
                "114b4cb8b759a2d3ff8b7287989ce2b9", "75628d88c411e2c7a3e1cbb3f0eb5498e51455875142fedd62677987cdecf107",
                "6ac50c0512609582d45c93cca8174a199be8686488050b33d3a36df256253a0e"
            ),
        ]
        let expected = try #require(known[text.utf8.count])
        let json = "{\"t\":\"\(text)\",\"k\":\"\(String(repeating: "k", count: 100))\"}"
        #expect(try rendered("{{ t | md5 }}", json) == expected.md5)
        #expect(try rendered("{{ t | sha256 }}", json) == expected.sha256)
        #expect(try rendered("{{ t | hmac_sha256: k }}", json) == expected.hmac)
    }

    @Test func `large templates are parsed, analysed and rendered in linear time`() throws {
        func milliseconds(_ count: Int, _ template: (Int) -> String) throws -> Double {
            let source = template(count)
            let began = Self.processorMilliseconds()
            let parsed = try Template.parse(source: source)
            _ = parsed.variablePaths
            _ = parsed.unreachableBranches
            let data = TemplateData()
            try data.add(json: Array("{}".utf8))
            let renderer = Renderer()
            _ = try renderer.render(parsed, data: data, options: .fixed)
            _ = renderer.undefined
            return Self.processorMilliseconds() - began
        }
        let outputs = { (count: Int) in (0..<count).map { "{{ v\($0).a }}\n" }.joined() }
        let parts = { (count: Int) in
            "{% if " + (0..<count).map { "v\($0) == 1" }.joined(separator: " or ") + " %}y{% endif %}"
        }
        let branches = { (count: Int) in
            "{% if a %}" + (0..<count).map { "{% elsif b\($0) %}1" }.joined() + "{% endif %}"
        }
        let loops = { (count: Int) in (0..<count).map { "{% for i in v\($0) %}1{% endfor %}" }.joined() }
        for template in [outputs, parts, branches, loops] {
            let small = try milliseconds(2_500, template)
            let large = try milliseconds(20_000, template)
            // Eight times as much: 8 times as long when it is linear, 64 when it is quadratic.
            #expect(large < 28 * small + 20, "\(small) ms, then \(large) ms")
        }
    }
}
