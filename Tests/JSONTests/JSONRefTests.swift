import JSON
import Testing

@Suite struct JSONRefTests {
    @Test func `Values are found by key and index`() throws {
        let root = try JSONDocument.parse(
            "{\"a\":{\"deep\":[10,[20,21],{\"x\":\"y\"}]},\"b\":true,\"c\":null,\"d\":-2.5,\"k\\u00e9y\":\"v\"}"
        ).root
        #expect(root.kind == .object)
        #expect(root.count == 5)
        #expect(root["a"]?["deep"]?[1]?[1]?.int == 21)
        #expect(root["a"]?["deep"]?[2]?["x"]?.string == "y")
        #expect(root["b"]?.bool == true)
        #expect(root["c"]?.isNull == true)
        #expect(root["d"]?.double == -2.5)
        #expect(root["d"]?.int == nil)
        #expect(root["kéy"]?.string == "v")
        #expect(root["zz"] == nil)
        #expect(root["a"]?["deep"]?[3] == nil)
        #expect(root["b"]?["x"] == nil)
        #expect(root["b"]?.string == nil)
    }

    @Test func `Members and elements are in order`() throws {
        let root = try JSONDocument.parse("{\"z\":[1,[2],3],\"a\":{}}").root
        #expect(root.members.map { $0.key.string } == ["z", "a"])
        #expect(root["z"]?.elements.map { $0.int } == [1, nil, 3])
        #expect(root["a"]?.members.map { $0.key.string }.isEmpty == true)
        #expect(root.elements.map { $0.index }.isEmpty)
    }

    @Test func `Paths, raw bytes and locations refer to the value`() throws {
        let root = try JSONDocument.parse("{\"a\": [1,\n {\"b c\": [ true ]}], \"d\": {\"e\": 5}}").root
        let value = try #require(root["a"]?[1]?["b c"]?[0])
        #expect(value.path == "a[1][\"b c\"][0]")
        #expect(root["d"]?["e"]?.path == "d.e")
        #expect(root.path == "")
        #expect(root.members.map { $0.key.path } == ["a", "d"])
        #expect(String(decoding: try #require(root["a"]?[1]).rawBytes, as: UTF8.self) == "{\"b c\": [ true ]}")
        let location = value.location()
        #expect(location.line == 2)
        #expect(location.column == 12)
    }

    @Test(
        "Integers are exact within 64 bits and doubles beyond",
        arguments: [
            ("0", 0, 0.0), ("-1", -1, -1), ("9223372036854775807", Int.max, 9.223372036854775807e18),
            ("-9223372036854775808", Int.min, -9.223372036854775808e18),
            ("9223372036854775808", nil, 9.223372036854775808e18),
            ("-9223372036854775809", nil, -9.223372036854775809e18), ("1e3", nil, 1000), ("1.0", nil, 1),
            ("-0", nil, -0.0),
            ("29.33", nil, 29.33), ("0.1", nil, 0.1),
            ("123456789012345678", 123_456_789_012_345_678, 123456789012345678.0),
            ("5e-324", nil, .leastNonzeroMagnitude), ("1.7976931348623157e308", nil, 1.7976931348623157e308),
            ("1e22", nil, 1e22),
            ("0.000000000000000000000000001", nil, 1e-27), ("8.5e-23", nil, 8.5e-23),
        ] as [(String, Int?, Double)])
    func numbers(_ text: String, _ int: Int?, _ double: Double) throws {
        let root = try JSONDocument.parse(text).root
        #expect(root.int == int)
        #expect(root.double == double)
        #expect(root.double?.sign == double.sign)
    }

    @Test func `Decimal texts are parsed as by the standard library`() throws {
        var random = SplitMix64(state: 7)
        for _ in 0..<5_000 {
            let digits = String(random.next() >> UInt64(random.next(below: 60)))
            let text = "\(digits).\(random.next(below: 100_000))e\(random.next(below: 60) - 30)"
            #expect(try JSONDocument.parse(text).root.double == Double(text))
        }
    }

    @Test func `Escapes are decoded`() throws {
        let root = try JSONDocument.parse("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00z\"").root
        #expect(root.string == "\"\\/\u{8}\u{C}\n\r\té😀z")
        #expect(root.equals("\"\\/\u{8}\u{C}\n\r\té😀z"))
        #expect(!root.equals("x"))
    }
}
