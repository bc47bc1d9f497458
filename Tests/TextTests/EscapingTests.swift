import Testing
import Text

@Suite("Escaping and ASCII") struct EscapingTests {
    @Test func `the predicates agree with a table of all bytes`() {
        let digits = Set("0123456789".utf8)
        let letters = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
        for byte in UInt8.min...UInt8.max {
            #expect(byte.isASCIIDigit == digits.contains(byte))
            #expect(byte.isASCIILetter == letters.contains(byte))
            #expect(byte.isASCIIAlphanumeric == (digits.contains(byte) || letters.contains(byte)))
            #expect(byte.isASCIISpace == " \t\n\u{B}\u{C}\r".utf8.contains(byte))
            #expect(byte.isASCIIPrintable == (0x20...0x7E).contains(byte))
            #expect(ASCIISet.alphanumerics.contains(byte) == byte.isASCIIAlphanumeric)
            #expect(ASCIISet.printable.contains(byte) == byte.isASCIIPrintable)
            let isCapital = (0x41...0x5A).contains(byte)
            #expect(byte.asciiLowercased == (isCapital ? byte + 32 : byte))
            let text = String(UnicodeScalar(byte))
            #expect(byte.hexadecimalValue == (byte < 0x80 ? UInt8(text, radix: 16) : nil))
        }
        for value in UInt8(0)...15 {
            #expect(String(UnicodeScalar(value.hexadecimalDigit)) == String(value, radix: 16, uppercase: true))
            #expect(String(UnicodeScalar(value.lowercaseHexadecimalDigit)) == String(value, radix: 16))
        }
        #expect("Content-Type".equalsIgnoringASCIICase("CONTENT-type") && !"K".equalsIgnoringASCIICase("\u{212A}"))
        #expect("abc~".isASCII && !"é".isASCII)
    }

    @Test(arguments: [
        (
            "a b/c?d=é&~*+", "a%20b%2Fc%3Fd%3D%C3%A9%26~%2A%2B", "a%20b%2Fc%3Fd=%C3%A9&~*+",
            "a+b%2Fc%3Fd%3D%C3%A9%26%7E*%2B"
        ),
        ("", "", "", ""),
    ])
    func `each part of a URL escapes what it must`(text: String, query: String, segment: String, form: String) {
        #expect(PercentEncoding.encode(text) == query)
        #expect(PercentEncoding.encode(text, keeping: PercentEncoding.pathSegment) == segment)
        var bytes: [UInt8] = []
        PercentEncoding.append(text.utf8, keeping: PercentEncoding.form, spaceAsPlus: true, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == form)
        #expect(PercentEncoding.decode(query) == text)
        #expect(PercentEncoding.decode(segment) == text)
        #expect(PercentEncoding.decode(form, plusAsSpace: true) == text)
    }

    @Test func `every byte survives percent-encoding`() {
        let bytes = Array(UInt8.min...UInt8.max)
        var encoded: [UInt8] = []
        PercentEncoding.append(bytes, keeping: PercentEncoding.unreserved, to: &encoded)
        #expect(PercentEncoding.decode(encoded) == bytes)
    }

    @Test(arguments: ["%", "a%2", "%zz", "%-1", "%+1", "%C3", "100%"])
    func `a broken escape is refused, or kept where that is asked for`(text: String) {
        #expect(PercentEncoding.decode(text) == nil)
        let kept = PercentEncoding.decode(text.utf8, broken: .keep)
        #expect(kept == (text == "%C3" ? [0xC3] : Array(text.utf8)))
    }

    @Test func `HTML is escaped between tags and in attributes`() {
        #expect(
            HTMLEscaping.escape("<a href=\"x\">Tom's & é</a>")
                == "&lt;a href=&quot;x&quot;&gt;Tom&#39;s &amp; é&lt;/a&gt;")
    }

    @Test(
        arguments: [
            ("Zm9vYg==", "foob"), ("Zm9vYg", "foob"), ("Zm9vYh", "foob"), ("", ""), ("-_8", "\u{FFFD}\u{FFFD}"),
            ("Zm9=v", nil),
            ("Z", nil), ("Zm 9", nil), ("Zm9vé", nil),
        ] as [(String, String?)])
    func `base64 of others is read leniently`(text: String, decoded: String?) {
        #expect(Base64.decodeAny(text.utf8).map { String(decoding: $0, as: UTF8.self) } == decoded)
    }
}
