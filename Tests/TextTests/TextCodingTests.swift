import Testing

@testable import Text

struct TextCodingTests {
    @Test(
        "Base64 equals RFC 4648 §10",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ])
    func base64(plain: String, encoded: String) throws {
        let bytes = Array(plain.utf8)
        #expect(Base64.encode(bytes) == encoded)
        #expect(try Base64.decode(encoded) == bytes)
        let unpadded = encoded.filter { $0 != "=" }
        #expect(Base64.encodeURL(bytes) == unpadded)
        #expect(try Base64.decodeURL(unpadded) == bytes)
    }

    @Test("The URL alphabet replaces plus and slash")
    func urlAlphabet() throws {
        let bytes: [UInt8] = [0xFB, 0xEF, 0xFF]
        #expect(Base64.encode(bytes) == "++//")
        #expect(Base64.encodeURL(bytes) == "--__")
        #expect(try Base64.decodeURL("--__") == bytes)
        #expect(throws: TextDecodingError.self) { try Base64.decode("--__") }
    }

    @Test(
        "Text that is not base64 is rejected",
        arguments: ["A", "AAAAA", "Zg=", "=", "====", "Zg===", "Z=g=", "Zm9v\n", "Zm 9", "Zh==", "Zm9=", "Zm9vé"])
    func badBase64(text: String) {
        #expect(throws: TextDecodingError.self) { try Base64.decode(text) }
    }

    @Test("Every byte value and length round-trips in base64 and hexadecimal")
    func roundTrip() throws {
        for count in 0..<300 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ count) }
            var text = Array("x".utf8)
            Base64.append(bytes, to: &text)
            #expect(text == Array("x\(Base64.encode(bytes))".utf8))
            #expect(try Base64.decode(Base64.encode(bytes)) == bytes)
            #expect(try Base64.decodeURL(Base64.encodeURL(bytes)) == bytes)
            #expect(try Hex.decode(Hex.encode(bytes)) == bytes)
        }
    }

    @Test("MIME base64 breaks lines at 76 characters and ends without a break")
    func lines() throws {
        #expect(Base64.encodeLines([]).isEmpty)
        for count in [1, 56, 57, 58, 114, 115, 1_000] {
            let bytes = [UInt8](repeating: 0x5A, count: count)
            let text = String(decoding: Base64.encodeLines(bytes), as: UTF8.self)
            let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
            #expect(lines.dropLast().allSatisfy { $0.utf8.count == 76 })
            #expect((lines.last?.utf8.count ?? 0) <= 76 && lines.last?.isEmpty == false)
            #expect(lines.joined() == Base64.encode(bytes))
        }
    }

    @Test("Hexadecimal accepts both cases and rejects other text")
    func hex() throws {
        #expect(Hex.encode([0x00, 0xAB, 0xFF]) == "00abff")
        #expect(try Hex.decode("00aBFf") == [0x00, 0xAB, 0xFF])
        #expect(throws: TextDecodingError(encoding: "hexadecimal", problem: "it has an odd number of digits")) {
            try Hex.decode("abc")
        }
        #expect(throws: TextDecodingError.self) { try Hex.decode("0g") }
    }
}
