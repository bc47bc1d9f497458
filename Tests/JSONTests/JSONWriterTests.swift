import JSON
import Testing

@Suite struct JSONWriterTests {
    @Test func `Commas and colons are added automatically`() {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("a")
            writer.value(1)
            writer.key("b")
            writer.array { writer in
                writer.value("x")
                writer.null()
                writer.value(true)
                writer.object { _ in }
                writer.array { _ in }
            }
            writer.key("c\n")
            writer.value(2.5)
            writer.member("no", ifPresent: nil)
            writer.member("yes", ifPresent: "y")
        }
        #expect(writer.string == "{\"a\":1,\"b\":[\"x\",null,true,{},[]],\"c\\n\":2.5,\"yes\":\"y\"}")
    }

    @Test func `Indentation makes the text readable`() {
        var writer = JSONWriter(indentation: 2)
        writer.object { writer in
            writer.key("a")
            writer.value(["x", "y"])
            writer.key("b")
            writer.object { _ in }
        }
        #expect(writer.string == "{\n  \"a\": [\n    \"x\",\n    \"y\"\n  ],\n  \"b\": {}\n}")
    }

    @Test func `Every ASCII character and some others round-trip`() throws {
        let text = String(decoding: (0...127).map { UInt8($0) }, as: UTF8.self) + "é漢😀\u{2028}\u{2029}</script>&"
        for escaping in [JSONWriter.Escaping.standard, .html] {
            var writer = JSONWriter(escaping: escaping)
            writer.value(text)
            #expect(try JSONDocument.parse(writer.bytes).root.string == text)
        }
    }

    @Test func `HTML mode writes nothing that could close a script`() {
        var writer = JSONWriter(escaping: .html)
        writer.value("</script>&\u{2028}\u{2029}â")
        #expect(writer.string == "\"\\u003c/script\\u003e\\u0026\\u2028\\u2029â\"")
    }

    @Test(
        "Doubles are written in the shortest form and round-trip",
        arguments: [
            0.0, -0.0, 1, 0.1, 29.33, 1e20, 1e-7, 1e300, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .pi,
            -123.456, 1e16, 1e22,
        ])
    func doubles(_ number: Double) throws {
        var writer = JSONWriter()
        writer.value(number)
        let back = try JSONDocument.parse(writer.bytes).root.double
        #expect(back == number)
        #expect(back?.sign == number.sign)
    }

    @Test func `A number that JSON cannot represent is null`() {
        var writer = JSONWriter()
        writer.array { writer in
            writer.value(Double.nan)
            writer.value(Double.infinity)
            writer.value(100.0)
            writer.value(Int.min)
            writer.value(UInt64.max)
        }
        #expect(writer.string == "[null,null,100,-9223372036854775808,18446744073709551615]")
    }

    @Test func `The canonical form does not depend on how a value was written`() throws {
        let first = try JSONDocument.parse("{\"b\": [1.0, 1e2, \"\\u00e9\\/\"], \"a\": {\"y\": null, \"x\": -0.50}}")
            .root
        let second = try JSONDocument.parse("{\"a\":{\"x\":-5e-1,\"y\":null},\"b\":[1,100.0,\"é/\"]}").root
        #expect(first.canonicalBytes == second.canonicalBytes)
        #expect(
            String(decoding: first.canonicalBytes, as: UTF8.self)
                == "{\"a\":{\"x\":-0.5,\"y\":null},\"b\":[1,100,\"é/\"]}")
    }

    @Test func `NDJSON has one value per line`() {
        var writer = JSONWriter()
        writer.value(1)
        writer.newline()
        writer.object { _ in }
        writer.newline()
        #expect(String(decoding: writer.take(), as: UTF8.self) == "1\n{}\n")
        #expect(writer.bytes.isEmpty)
    }

    @Test(.timeLimit(.minutes(1)))
    func `A long text takes linear time`() {
        var writer = JSONWriter()
        writer.array { writer in for _ in 0..<300_000 { writer.value("some text") } }
        #expect(writer.bytes.count == 300_000 * 12 + 1)
    }
}
