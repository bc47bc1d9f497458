import SobreModel
import Testing

@Suite struct AttachmentRuleTests {
    @Test(
        arguments: [
            ("invoice.pdf", nil), ("Größe – Übersicht.csv", nil), ("חשבונית.pdf", nil), ("👨‍👩‍👧.png", nil),
            ("q\"uote.txt", nil), ("", "is empty"), (String(repeating: "é", count: 128), "more than 255 bytes"),
            ("a\r\nBcc: b.pdf", "control"), ("a\u{0}.pdf", "control"), ("a\u{85}.pdf", "control"),
            ("a\u{2028}.pdf", "control"), ("../../etc/passwd", "path"), ("C:\\a.pdf", "path"), ("..", "dot"),
            ("a.exe.", "dot"), ("a.exe ", "space"), (" a.pdf", "space"), ("invoice\u{202E}fdp.exe", "direction"),
            ("a\u{2066}b.pdf", "direction"), ("a\u{200F}.pdf", "direction"),
        ] as [(String, String?)])
    func `a file's name is a name alone, which shows what it is`(name: String, problem: String?) {
        let found = AttachmentRule.problem(inFilename: name)
        if let problem { #expect(found?.contains(problem) == true, "\(found ?? "nil")") } else { #expect(found == nil) }
    }

    @Test(
        arguments: [
            ("application/pdf", nil), ("text/calendar; method=REQUEST", nil), ("text/plain;charset=\"utf-8\"", nil),
            ("image/svg+xml", nil), ("", "form"), ("pdf", "form"), ("a/b/c", "form"), ("a/b\r\nX: y", "form"),
            ("a /b", "form"), ("text/plain; charset", "parameter"), ("text/plain; =x", "parameter"),
            ("text/plain; a=\"b", "form"), ("multipart/mixed", "kind of email"), ("Message/rfc822", "kind of email"),
            ("tëxt/plain", "form"),
        ] as [(String, String?)])
    func `a media type has two names and parameters`(type: String, problem: String?) {
        let found = AttachmentRule.problem(inContentType: type)
        if let problem { #expect(found?.contains(problem) == true, "\(found ?? "nil")") } else { #expect(found == nil) }
    }

    @Test(arguments: [
        ("logo", true), ("logo@shop.example", true), ("part1.06090408.01060107", true), ("", false), ("<logo>", false),
        ("a b", false), ("a\r\nb", false), ("lögo", false), (String(repeating: "a", count: 101), false),
    ])
    func `a content id needs no escapes in HTML and in a header`(id: String, isValid: Bool) {
        #expect((AttachmentRule.problem(inContentID: id) == nil) == isValid)
    }

    @Test(arguments: [
        ("a.PDF", "application/pdf"), ("a.tar.gz", "application/gzip"), ("a.jpeg", "image/jpeg"),
        ("a.unknown", "application/octet-stream"), ("a", "application/octet-stream"),
    ])
    func `a type that is not given follows from the name`(name: String, type: String) {
        #expect(AttachmentRule.contentType(ofFilename: name) == type)
    }

    @Test func `a file of the store takes its own bytes only`() {
        let whole = EmailContent.Attachment(filename: "a", contentType: "a/b", content: [1, 2, 3])
        var stored = EmailContent.Attachment(
            filename: "a", contentType: "a/b", contentID: nil, byteCount: 3, digest: whole.digest)
        #expect(!stored.isLoaded && stored.measurable.content == [0, 0, 0])
        let refused = stored.load([1, 2])
        #expect(!refused && stored.content.isEmpty)
        let taken = stored.load([1, 2, 3])
        #expect(taken && stored == whole)
        #expect(whole.digest != EmailContent.Attachment(filename: "a", contentType: "a/b", content: [1, 2, 4]).digest)
    }
}
