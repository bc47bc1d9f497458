import JSON
import Testing

@Suite struct JSONParsingTests {
    @Test(
        "Valid texts are accepted",
        arguments: [
            "null", "true", "false", "0", "-0", "1", "-1", "10", "1.5", "1e5", "1E+5", "1e-5", "-12.25e2", "\"\"",
            "\"a\"",
            " [ ] ", "{}", "[1,2,3]", "{\"a\":1}", "{\"a\":{\"b\":[true,null,\"x\"]}}", "\t\r\n[\n1 ,\n2 ]\n",
            "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"", "\"\\uD83D\\uDE00\"", "\"é漢😀\"", "\"\u{7F}\"", "\"\\u0000\"",
            "[[],{},[[]]]", "9223372036854775807", "-9223372036854775808", "9223372036854775808",
            "123456789012345678901234567890", "{\"\":0}", "1e-400", "\"12345678\"", "\"1234567\"", "\"123456789\"",
        ])
    func valid(_ text: String) throws {
        _ = try JSONDocument.parse(text)
    }

    @Test(
        "Invalid texts are rejected with the right code",
        arguments: [
            ("", .empty), (" \n", .empty), ("nul", .unexpectedEnd), ("nulL", .unexpectedByte), ("[", .unexpectedEnd),
            ("[1", .unexpectedEnd), ("[1,", .unexpectedEnd), ("[1,]", .unexpectedByte), ("[,1]", .unexpectedByte),
            ("[1 2]", .unexpectedByte), ("{", .unexpectedEnd), ("{\"a\"", .unexpectedEnd), ("{\"a\":", .unexpectedEnd),
            ("{\"a\":1", .unexpectedEnd), ("{\"a\":1,}", .unexpectedByte), ("{a:1}", .unexpectedByte),
            ("{\"a\" 1}", .unexpectedByte), ("{,}", .unexpectedByte), ("{1:2}", .unexpectedByte),
            ("]", .unexpectedByte),
            ("[}", .unexpectedByte), ("{]", .unexpectedByte), ("[1}", .unexpectedByte), ("'a'", .unexpectedByte),
            ("1 2", .trailingData), ("{}{}", .trailingData), ("[]]", .trailingData), ("01", .invalidNumber),
            ("-01", .invalidNumber), ("-", .invalidNumber), ("+1", .unexpectedByte), (".5", .unexpectedByte),
            ("1.", .invalidNumber), ("1.e5", .invalidNumber), ("1e", .invalidNumber), ("1e+", .invalidNumber),
            ("0x1", .trailingData), ("NaN", .unexpectedByte), ("Infinity", .unexpectedByte),
            ("-Infinity", .invalidNumber),
            ("1e400", .numberOutOfRange), ("-1e309", .numberOutOfRange),
            (String(repeating: "9", count: 400), .numberOutOfRange), ("\"", .unexpectedEnd), ("\"a", .unexpectedEnd),
            ("\"\\\"", .unexpectedEnd), ("\"\\", .unexpectedEnd), ("\"\\x\"", .invalidEscape),
            ("\"\\u12\"", .invalidEscape),
            ("\"\\u12", .unexpectedEnd), ("\"\\uD800\"", .loneSurrogate), ("\"\\uDC00\"", .loneSurrogate),
            ("\"\\uD800\\u0041\"", .loneSurrogate), ("\"\\uD800x\"", .loneSurrogate), ("\"\n\"", .controlCharacter),
            ("\"\t\"", .controlCharacter), ("\"\u{1}\"", .controlCharacter),
            ("\"aaaaaaaaaaaa\u{1F}\"", .controlCharacter),
            ("{\"a\":1,\"a\":2}", .duplicateKey), ("{\"a\":1,\"\\u0061\":2}", .duplicateKey),
            ("// x\n1", .unexpectedByte),
            ("\u{FEFF}{}", .byteOrderMark), ("[1,\u{A0}2]", .unexpectedByte), ("\u{0}", .unexpectedByte),
        ] as [(String, JSONError.Code)])
    func invalid(_ text: String, _ code: JSONError.Code) {
        let error = #expect(throws: JSONError.self) { try JSONDocument.parse(text) }
        #expect(error?.code == code)
    }

    @Test(
        "Bytes that are not UTF-8 by RFC 3629 are rejected",
        arguments: [
            [0x80], [0xC0, 0xAF], [0xC1, 0xBF], [0xC3], [0xC3, 0x28], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF],
            [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xE2, 0x82], [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFE], [0xFF], [0xF0, 0x9F, 0x98],
            [0xE2, 0x28, 0xA1], [0xF0, 0x9F, 0x28, 0x80],
        ] as [[UInt8]])
    func invalidUTF8(_ bytes: [UInt8]) {
        for padding in 0..<9 {
            let text = [0x22] + [UInt8](repeating: 0x61, count: padding) + bytes + [0x22]
            let error = #expect(throws: JSONError.self) { try JSONDocument.parse(text) }
            #expect(error?.code == .invalidUTF8)
            #expect(error?.offset == padding + 1)
        }
    }

    @Test func `The UTF-8 of every scalar is accepted and round-trips`() throws {
        for lead in stride(from: UInt32(0x20), through: 0x10FFFF, by: 101) {
            guard let scalar = Unicode.Scalar(lead), scalar != "\"", scalar != "\\" else { continue }
            let text = String(Character(scalar))
            #expect(try JSONDocument.parse("\"\(text)\"").root.string == text)
        }
    }

    @Test func `A hundred thousand levels are rejected at the limit without recursion`() {
        let deep = [UInt8](repeating: UInt8(ascii: "["), count: 100_000)
        let error = #expect(throws: JSONError.self) { try JSONDocument.parse(deep) }
        #expect(error?.code == .tooDeep)
        #expect(error?.offset == 32)
        let objects = Array(String(repeating: "{\"a\":", count: 100_000).utf8)
        #expect(throws: JSONError.self) { try JSONDocument.parse(objects) }
    }

    @Test func `Depth at the limit is accepted and one more is rejected`() throws {
        let limits = JSONLimits(maxDepth: 3)
        _ = try JSONDocument.parse("[[[1]]]", limits: limits)
        let error = #expect(throws: JSONError.self) { try JSONDocument.parse("[[[[1]]]]", limits: limits) }
        #expect(error?.code == .tooDeep)
        #expect(error?.path == "[0][0][0]")
    }

    @Test func `Length and number of values are bounded`() {
        let long = #expect(throws: JSONError.self) {
            try JSONDocument.parse("[1,2,3]", limits: JSONLimits(maxBytes: 6))
        }
        #expect(long?.code == .tooLong)
        let many = #expect(throws: JSONError.self) {
            try JSONDocument.parse("[1,2,3]", limits: JSONLimits(maxNodes: 3))
        }
        #expect(many?.code == .tooManyValues)
    }

    @Test func `An error names line, column, path and the key`() {
        let text = "{\n  \"data\": {\"items\": [1, {\"é\": 2, \"name\": tru}]}\n}"
        let error = #expect(throws: JSONError.self) { try JSONDocument.parse(text) }
        #expect(error?.line == 2)
        #expect(error?.column == 42)
        #expect(error?.path == "data.items[1].name")
        let between = #expect(throws: JSONError.self) { try JSONDocument.parse("{\"a\": {\"b\": 1,") }
        #expect(between?.path == "a")
        let twice = #expect(throws: JSONError.self) { try JSONDocument.parse("{\"a\": [{\"b\":1,\n\"b\":2}]}") }
        #expect(twice?.line == 2)
        #expect(twice?.column == 1)
        #expect(twice?.message.contains("\"b\"") == true)
        #expect(twice?.description.hasPrefix("line 2, column 1 at \"a[0].b\": the key \"b\" occurs twice") == true)
    }

    @Test func `Duplicates are found among many keys without false positives`() throws {
        let keys = (0..<1000).map { "\"key\($0)\":\($0)" }
        let document = try JSONDocument.parse("{" + keys.joined(separator: ",") + "}")
        #expect(document.root.count == 1000)
        let doubled = "{" + keys.joined(separator: ",") + ",\"key\\u0037\":0}"
        let error = #expect(throws: JSONError.self) { try JSONDocument.parse(doubled) }
        #expect(error?.code == .duplicateKey)
        #expect(error?.message.contains("key7") == true)
    }

    @Test func `A part of the bytes is read in place with the caller's line number`() throws {
        let bytes = Array("{\"a\":1}\n{\"b\":x}\n".utf8)
        let first = try JSONDocument.parse(bytes, in: 0..<7)
        #expect(first.root["a"]?.int == 1)
        let error = #expect(throws: JSONError.self) { try JSONDocument.parse(bytes, in: 8..<15, firstLine: 2) }
        #expect(error?.line == 2)
        #expect(error?.column == 6)
        #expect(error?.offset == 13)
    }

    @Test func `Random bytes and corrupted texts never crash`() {
        var random = SplitMix64(state: 42)
        let seed = Array(
            "{\"id\":\"a\\u00e9\\uD83D\\uDE00\",\"n\":[1,-2.5e3,0.1],\"o\":{\"x\":null,\"y\":true},\"é\":\"漢字😀\"}".utf8)
        let alphabet = Array("{}[]\",:\\u0129eE+-.dD8tfn \n\u{1}é".utf8) + [0xFF, 0xC3, 0xED, 0xA0, 0xF4]
        var accepted = 0
        for round in 0..<30_000 {
            var bytes: [UInt8]
            if round % 2 == 0 {
                bytes = seed
                for _ in 0...random.next(below: 3) {
                    let place = random.next(below: bytes.count)
                    switch random.next(below: 3) {
                    case 0: bytes[place] = UInt8(random.next(below: 256))
                    case 1: bytes.remove(at: place)
                    default: bytes.insert(alphabet[random.next(below: alphabet.count)], at: place)
                    }
                }
            } else {
                bytes = (0..<random.next(below: 24)).map { _ in alphabet[random.next(below: alphabet.count)] }
            }
            if let document = try? JSONDocument.parse(bytes) {
                accepted += 1
                walk(document.root)
                let canonical = document.root.canonicalBytes
                #expect((try? JSONDocument.parse(canonical))?.root.canonicalBytes == canonical)
            }
        }
        #expect(accepted > 100)
    }

    private func walk(_ ref: JSONRef) {
        _ = ref.string
        _ = ref.double
        _ = ref.path
        for element in ref.elements { walk(element) }
        for member in ref.members {
            _ = member.key.string
            walk(member.value)
        }
    }
}

/// A small seeded generator, so that a failure can be reproduced.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    mutating func next(below bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
