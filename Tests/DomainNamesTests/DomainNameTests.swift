import DomainNames
import Testing

@Suite("Domain names in ASCII")
struct DomainNameTests {
    /// Examples of RFC 3492 §7.1 and some early international domains, checked with Python's codec. Then names that the
    /// mapping of UTS #46 makes equal, and joiners in their context (RFC 5892 A.2).
    static let known: [(String, String)] = [
        ("bücher.example", "xn--bcher-kva.example"), ("BÜCHER.Example", "xn--bcher-kva.Example"),
        ("münchen.de", "xn--mnchen-3ya.de"), ("faß.de", "xn--fa-hia.de"),
        ("ليهمابتكلموشعربي.example", "xn--mgbcah9ar9a4efegftvvn.example"),
        ("他们为什么不说中文", "xn--ihqwcrb4cv8a8dqg056pqjye"),
        ("почемужеонинеговорятпорусски", "xn--b1abfaaepdrnnbgefbadotcwatmq2g4l"),
        ("porquénopuedensimplementehablarenespañol", "xn--porqunopuedensimplementehablarenespaol-fmd56a"),
        ("추리.한국", "xn--oy2b177a.xn--3e0b707e"), ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
        ("उदाहरण.परीक्षा", "xn--p1b6ci4b4b3a.xn--11b5bs3a9aj6g"), ("plain-1.example", "plain-1.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"), ("bu\u{308}cher.example", "xn--bcher-kva.example"),
        ("FAẞ.de", "xn--fa-hia.de"), ("βόλος.com", "xn--nxasmm1c.com"), ("ｂｕｅcher.example", "buecher.example"),
        ("ﬁn.example", "fin.example"), ("क्\u{200d}ष.example", "xn--11b2ezcw70k.example"), ("l·l.cat", "xn--ll-0ea.cat"),
    ]

    @Test(arguments: known)
    func `letters of the world become xn--`(name: String, ascii: String) {
        #expect(DomainName.ascii(name) == ascii)
    }

    @Test(arguments: [
        "", ".", "a..b", "-a.example", "a-.example", "bü-.example", "a b.example", "a_b.example", "b\u{200d}ü.example",
        "a。b", "a\u{2024}b.example", "☃.example", "ab--ü.example", "\u{0301}a.example",
        String(repeating: "ü", count: 64) + ".example", String(repeating: "a", count: 64) + ".example",
        String(repeating: "ü.", count: 60) + "example", "ü\0x.example", "ü_b.example", "ü／b.example", "ü＿b.example",
        "ü＠b.example",
        "1אב.example", "אaב.example", "\u{ad}.example", "b\u{200b}ü.example", "bü\u{ad}cher.example", "xn--ü.example",
    ])
    func `what is no name is refused`(name: String) {
        #expect(DomainName.ascii(name) == nil)
    }
}
