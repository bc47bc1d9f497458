import Testing
import Text

@testable import Signing

@Suite("DKIM signatures")
struct DKIMTests {
    /// The private key of RFC 8463 Appendix A.2, an Ed25519 seed.
    static let seed = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="
    /// The public key that the RFC publishes for it.
    static let publicKey = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="

    static let mail = Array(
        """
        From: Joe SixPack <joe@football.example.com>
        To: Suzie Q <suzie@shopping.example.net>
        Subject: Is dinner ready?
        Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
        Message-ID: <20030712040037.46341.5F8J@football.example.com>

        Hi.

        We lost the game.  Are you hungry yet?

        Joe.

        """.replacing("\n", with: "\r\n").utf8)

    private static func signer(_ keys: (domain: String, selector: String)...) throws -> DKIMSigner {
        DKIMSigner(keys: try keys.map { try DKIMKey(domain: $0.domain, selector: $0.selector, text: seed) })
    }

    @Test func `header and body have the relaxed forms of RFC 6376 section 3 4 5`() {
        let mail = Array("A: X\r\nB : Y\t\r\n\tZ  \r\n\r\n C \r\nD \t E\r\n\r\n\r\n".utf8)
        let (fields, start) = DKIMCanonical.header(of: mail)
        #expect(fields.map { String(decoding: $0.bytes, as: UTF8.self) } == ["a:X", "b:Y Z"])
        #expect(String(decoding: DKIMCanonical.body(mail[start...]), as: UTF8.self) == " C\r\nD E\r\n")
    }

    @Test(arguments: [
        ("", ""), ("\r\n", ""), ("\r\n\r\n", ""), ("  \r\n\t\r\n", ""), ("a", "a\r\n"), ("a \t", "a\r\n"),
        ("a\r\n\r\nb\r\n \r\n", "a\r\n\r\nb\r\n"), ("\r\na\r\n", "\r\na\r\n"), ("a\rb\r\n", "a\rb\r\n"),
        (" \t a  b\r\n", " a b\r\n"), ("a\r\n  ", "a\r\n"),
    ])
    func `lines lose the white space at their ends and empty lines at the end go`(body: String, canonical: String) {
        #expect(String(decoding: DKIMCanonical.body(Array(body.utf8)[...]), as: UTF8.self) == canonical)
    }

    @Test func `the key of RFC 8463 gives this signature`() throws {
        let field = try Self.signer(("football.example.com", "brisbane")).signatures(
            of: Self.mail, from: "football.example.com", time: 1_528_637_909)
        #expect(
            String(decoding: field, as: UTF8.self)
                == """
                DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
                 d=football.example.com; s=brisbane; t=1528637909;
                 h=from:from:to:to:cc:subject:subject:date:date:message-id:message-id:
                 reply-to:sender:mime-version:content-type:content-transfer-encoding:
                 list-unsubscribe:list-unsubscribe-post;
                 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=; b=WnEuplcwymcW4ag/zLjq/QNF
                 ox9tsNIJYtgjCWlJPzUkX+1sgLlgB1uLyT6QKI31o4+lOauaNxQBFruo6NUyBA==

                """.replacing("\n", with: "\r\n"))
    }

    @Test func `the published key of RFC 8463 verifies what its private key signs, and no other text`() throws {
        let key = try DKIMKey(domain: "football.example.com", selector: "brisbane", text: Self.seed)
        let header = Array("from:joe@football.example.com\r\n".utf8)
        let signature = try key.sign(header)
        let published = try PublicKey(ed25519: [UInt8](Base64.decode(Self.publicKey)))
        #expect(published.verify(signature, of: Digest.sha256(header), with: .eddsa))
        var other = header
        other[6] ^= 1
        #expect(!published.verify(signature, of: Digest.sha256(other), with: .eddsa))
    }

    @Test func `the closest domain with keys signs, with all its keys`() throws {
        let signer = try Self.signer(
            ("example.com", "a"), ("shop.example.com", "b"), ("shop.example.com", "c"), ("other.example", "d"))
        func selectors(_ domain: String) -> [String] { signer.keys(for: domain).map(\.selector) }
        #expect(selectors("example.com") == ["a"])
        #expect(selectors("Example.COM") == ["a"])
        #expect(selectors("news.example.com") == ["a"])
        #expect(selectors("shop.example.com") == ["b", "c"])
        #expect(selectors("de.shop.example.com") == ["b", "c"])
        #expect(selectors("notexample.com") == [])
        #expect(selectors("com") == [])
        let fields = try signer.signatures(of: Self.mail, from: "de.shop.example.com", time: 0)
        #expect(String(decoding: fields, as: UTF8.self).split(separator: "DKIM-Signature:").count == 2)
        #expect(try signer.signatures(of: Self.mail, from: "example.org", time: 0).isEmpty)
    }

    @Test func `each field that may occur once is named once more than it occurs, and the lowest of a name first`()
        throws
    {
        let mail = Array("List-Id: one\r\nFrom: a@example.com\r\nList-ID: two\r\nX-Other: 1\r\n\r\nx\r\n".utf8)
        let text = String(
            decoding: try Self.signer(("example.com", "a")).signatures(of: mail, from: "example.com", time: 0),
            as: UTF8.self)
        let list = try #require(text.split(separator: ";").first { $0.contains("h=from") })
        let names = list.filter { !$0.isWhitespace }.dropFirst(2).split(separator: ":").map(String.init)
        #expect(names.count { $0 == "from" } == 2)
        #expect(names.count { $0 == "subject" } == 1)
        #expect(names.count { $0 == "list-id" } == 2)
        #expect(!names.contains("x-other"))
        #expect(text.split(separator: "\r\n").allSatisfy { $0.utf8.count <= 78 })
    }

    @Test(arguments: [
        ("hunter22", "32 bytes"), ("not base64 at all!", "neither PEM"), ("-----BEGIN PRIVATE KEY-----\nAA", "PEM"),
    ])
    func `what is no key is refused without being shown`(text: String, words: String) {
        let error = #expect(throws: KeyError.self) { try DKIMKey(domain: "a.example", selector: "s", text: text) }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains(text) == false)
    }

    @Test func `an elliptic curve key that DKIM does not know is refused`() throws {
        let pem = try OpenSSLCommand.makeKey(for: .es256)
        let error = #expect(throws: KeyError.self) { try DKIMKey(domain: "a.example", selector: "s", text: pem) }
        #expect(error?.description.contains("type EC, and type RSA is needed") == true)
    }
}
