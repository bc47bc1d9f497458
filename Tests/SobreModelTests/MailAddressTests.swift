import SobreModel
import Testing

@Suite("Mail addresses") struct MailAddressTests {
    @Test func `one mailbox in two spellings is one address`() {
        let spellings = [
            "Ann@Bücher.example", "ann@bücher.example", "ann@xn--bcher-kva.example", "ann@bu\u{308}cher.example",
        ]
        let subjects = Set(spellings.map { Address(channel: .email, value: $0).subject })
        #expect(subjects.count == 1)
        // Invalid domain names are kept in lower case.
        #expect(Address(channel: .email, value: "Ann@☃.Example").normalised == "ann@☃.example")
        #expect(Address(channel: .email, value: "änne@bücher.example").normalised == "änne@xn--bcher-kva.example")
    }

    /// The hashes of addresses that earlier versions stored. They must not change, so that suppressions stay in force.
    @Test(arguments: [
        ("ann@example.com", "ann@example.com"), ("Ann@Bücher.example", "ann@xn--bcher-kva.example"),
        ("ann@faß.de", "ann@xn--fa-hia.de"), ("ann@FAẞ.de", "ann@xn--fa-hia.de"),
        ("ann@βόλος.com", "ann@xn--nxasmm1c.com"),
        ("ann@추리.한국", "ann@xn--oy2b177a.xn--3e0b707e"), ("ann@उदाहरण.परीक्षा", "ann@xn--p1b6ci4b4b3a.xn--11b5bs3a9aj6g"),
    ])
    func `the normal form of a domain is that of earlier versions`(value: String, normalised: String) {
        #expect(Address(channel: .email, value: value).normalised == normalised)
    }

    @Test(arguments: [
        ("ann@example.org", true, true), ("x@localhost", true, false), ("ann@127.0.0.1", true, false),
        ("ann@bücher.example", true, true), ("ann@bu\u{308}cher.example", true, true), ("a@b@c.de", false, false),
        ("ann@ü", true, false), ("ann@", false, false), ("ann@a_b.example", false, false),
    ])
    func `a domain without a dot is for sending only`(address: String, any: Bool, dotted: Bool) {
        #expect((MailAddressGrammar.problem(in: address) == nil) == any)
        #expect((MailAddressGrammar.problem(in: address, domains: .dotted) == nil) == dotted)
    }
}
