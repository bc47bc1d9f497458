import SobreModel
import Testing

@testable import SobreRendering

@Suite struct TextTests {
    @Test(arguments: [
        (String(repeating: "a", count: 160), "GSM-7", 160, 1), (String(repeating: "a", count: 161), "GSM-7", 161, 2),
        (String(repeating: "a", count: 306), "GSM-7", 306, 2), (String(repeating: "a", count: 307), "GSM-7", 307, 3),
        (String(repeating: "€", count: 80), "GSM-7", 160, 1), (String(repeating: "€", count: 81), "GSM-7", 162, 2),
        ("ê" + String(repeating: "a", count: 69), "UCS-2", 70, 1),
        ("ê" + String(repeating: "a", count: 70), "UCS-2", 71, 2),
        (String(repeating: "😀", count: 35), "UCS-2", 70, 1), (String(repeating: "😀", count: 36), "UCS-2", 72, 2),
        (String(repeating: "😀", count: 67), "UCS-2", 134, 3), ("", "GSM-7", 0, 1),
    ])
    func `an SMS is counted in segments as it is billed`(text: String, encoding: String, units: Int, segments: Int) {
        let count = SMSSegments(text)
        #expect(count.encoding.rawValue == encoding)
        #expect(count.units == units)
        #expect(count.segments == segments)
    }

    @Test func `the character that forces UCS-2 is reported with its position`() {
        let culprit = SMSSegments("Dès forêt").culprit
        #expect(culprit?.character == "ê")
        #expect(culprit?.column == 8)
        #expect(SMSSegments("Dès 5 €").culprit == nil)
    }

    @Test(arguments: [
        ("Dès forêt", "“ê”"), ("a\u{200B}b", "the invisible character U+200B (ZERO WIDTH SPACE)"),
        ("a\u{AD}b", "the invisible character U+00AD (SOFT HYPHEN)"), ("a\u{202E}b", "U+202E"), ("😀", "“😀”"),
    ])
    func `a character that cannot be seen is reported by its name`(text: String, name: String) {
        #expect(SMSSegments(text).culpritName?.contains(name) == true)
    }

    private func text(_ html: String) throws -> String? {
        let folder = try TemplateFolder([
            "note/template.yaml": "from: a@b.example\n", "note/email.subject.liquid": "S",
            "note/email.html.liquid": html,
        ])
        return Letter().render(.email, with: try TemplateCatalogue(root: folder.root)).email?.text
    }

    @Test(arguments: [
        ("<p>One</p><p>Two <b>three</b></p>", "One\n\nTwo three\n"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b\n"),
        (
            #"See <a href="https://x.example/a?b=1&amp;c=2">the shop</a>."#,
            "See the shop (https://x.example/a?b=1&c=2).\n"
        ),
        (#"<a href="https://x.example">https://x.example</a>"#, "https://x.example\n"),
        (#"<div style="display: none">hidden</div>seen"#, "seen\n"),
        ("<style>p{}</style><script>a<b</script><!-- no -->x", "x\n"),
        ("a<br>b &amp; c &#8212; d&nbsp;e", "a\nb & c — d e\n"),
        (#"<img src="x" alt="A van"> <img src="y" alt="">"#, "A van\n"),
        ("<table><tr><td>Paid</td><td>9.99</td></tr><tr><td>Left</td></tr></table>", "Paid 9.99\nLeft\n"),
        ("2 < 3 and 4 > 3", "2 < 3 and 4 > 3\n"), ("a<br>b<br/>c", "a\nb\nc\n"),
        ("a &lt;c&gt; &#8364; &#x20AC; &unknown;", "a <c> € € &unknown;\n"),
        ("<ul><li>one<li>two</ul>", "- one\n- two\n"), ("<", "<\n"), ("Hi<a", "Hi\n"),
        ("<table><tr><td>a<td>b<tr><td>c</table>", "a b\nc\n"),
    ])
    func `an email without text gets the text of its HTML`(html: String, expected: String) throws {
        #expect(try text(html) == expected)
    }

    @Test(arguments: ["", "<a", "<a href=\"x", " \n ", "<!-- no", "<style>p{}"])
    func `HTML without words has no text`(html: String) {
        #expect(HTMLToText.text(of: Array(html.utf8)) == "")
    }

    @Test func `the same text has one fingerprint whatever its links, spaces and capitals`() throws {
        func fingerprint(_ words: String, data: String = "{}") throws -> KeyHash? {
            let folder = try TemplateFolder(["note/template.yaml": "", "note/sms.liquid": words])
            return Letter(data: data).render(.sms, with: try TemplateCatalogue(root: folder.root)).fingerprint
        }
        let base = try fingerprint("Big  Sale: https://x.example/a?utm_campaign=one End {{ unsubscribe_url }}")
        #expect(base != nil)
        #expect(
            try fingerprint("big sale: https://x.example/a?utm_campaign=two&utm_source=y END {{ unsubscribe_url }}")
                == base)
        #expect(try fingerprint("Big Sale: https://x.example/b End {{ unsubscribe_url }}") != base)
        #expect(try fingerprint("Code 1234") != fingerprint("Code 1235"))
    }

    @Test(arguments: [
        ("Shop <a@b.example>", "Shop", "a@b.example"), ("\"Shop, Inc.\" <a@b.example>", "Shop, Inc.", "a@b.example"),
        ("a@b.example", nil, "a@b.example"),
        // RFC 5322, 3.2.4: inside quotes a backslash stands before a literal character.
        (#""Zoë \"Zo\" \\ Co" <a@b.example>"#, #"Zoë "Zo" \ Co"#, "a@b.example"),
        (#"Zoë \ Co <a@b.example>"#, #"Zoë \ Co"#, "a@b.example"),
    ])
    func `a mailbox is read`(text: String, name: String?, address: String) {
        #expect(Mailbox(parsing: text) == Mailbox(name: name, address: address))
    }

    @Test(arguments: [
        "", "Shop", "a@", "@b", "a@b@c", "A <a@b.example", "A <a@b.example>\r\nBcc: x@y", "a b@c.example",
    ])
    func `an invalid mailbox is rejected`(text: String) { #expect(Mailbox(parsing: text) == nil) }
}
