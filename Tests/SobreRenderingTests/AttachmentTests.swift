import SobreModel
import SobreRendering
import SobreSettings
import Testing

@Suite struct AttachmentTests {
    private static let note: [String: String] = [
        "note/email.subject.liquid": "S", "note/email.html.liquid": "<p><img src=\"cid:logo\" alt=x></p>",
        "note/logo.png": "PNG", "note/terms.pdf": "%PDF",
        "note/template.yaml": """
        from: a@b.example
        attachments:
          - terms.pdf
          - { file: logo.png, content_id: logo }

        """,
    ]

    private func render(
        _ files: [String: String], _ letter: Letter = Letter(), limits: AttachmentLimits = AttachmentLimits()
    ) throws -> RenderResult {
        let folder = try TemplateFolder(files)
        let catalogue = try TemplateCatalogue(root: folder.root, attachments: limits)
        return letter.render(.email, with: catalogue, RenderingOptions(attachments: limits))
    }

    private static func with(_ more: [String: String]) -> [String: String] { note.merging(more) { $1 } }

    @Test func `a template attaches files of its folder and shows images by id`() throws {
        let content = try #require(try render(Self.note).email)
        #expect(content.attachments.map(\.filename) == ["terms.pdf", "logo.png"])
        #expect(content.attachments.map(\.contentType) == ["application/pdf", "image/png"])
        #expect(content.attachments.map(\.contentID) == [nil, "logo"])
        #expect(content.attachments.map(\.content) == [Array("%PDF".utf8), Array("PNG".utf8)])
    }

    @Test func `a locale has files of its own and the default's for the others`() throws {
        let files = Self.with(["note/fr/terms.pdf": "%PDF fr", "note/fr-CA/logo.png": "PNG ca"])
        func contents(_ locale: String?) throws -> [String] {
            var letter = Letter()
            letter.locale = locale
            return try #require(try render(files, letter).email).attachments.map {
                String(decoding: $0.content, as: UTF8.self)
            }
        }
        #expect(try contents("de") == ["%PDF", "PNG"])
        #expect(try contents(nil) == ["%PDF", "PNG"])
        #expect(try contents("fr-FR") == ["%PDF fr", "PNG"])
        #expect(try contents("fr-CA") == ["%PDF fr", "PNG ca"])
    }

    @Test func `a file has a name and a type of its own where they are given`() throws {
        let yaml = """
            from: a@b.example
            attachments:
              - { file: files/e.dat, name: Event.ics, type: text/calendar; method=REQUEST }

            """
        let files = Self.with([
            "note/files/e.dat": "X", "note/template.yaml": yaml, "note/email.html.liquid": "<p>x</p>",
        ])
        let file = try #require(try render(files).email?.attachments.first)
        #expect(file.filename == "Event.ics" && file.contentType == "text/calendar; method=REQUEST")
    }

    @Test(arguments: [
        ("attachments: [none.pdf]", "none.pdf, which is not in"), ("attachments: [../other/a]", "not a file in the"),
        ("attachments: [/etc/passwd]", "not a file in the"), ("attachments: [{name: a}]", "file"),
        ("attachments: [{file: terms.pdf, cid: x}]", "cid"),
        ("attachments: [{file: terms.pdf, name: a.exe}]", "may not be sent"),
        ("attachments: [{file: terms.pdf, name: \"a/b\"}]", "path"),
        ("attachments: [{file: terms.pdf, type: multipart/mixed}]", "kind of email"),
        ("attachments: [{file: terms.pdf, content_id: \"<x>\"}]", "content id"),
        ("attachments: [empty.pdf]", "empty"), ("attachments: [large.pdf]", "more than 100 bytes"),
        ("attachments: [terms.pdf, terms.pdf, terms.pdf, terms.pdf]", "max_count"),
        ("attachments: [{file: terms.pdf, content_id: x}, {file: logo.png, content_id: x}]", "content id x"),
        ("attachments: [half.pdf, half2.pdf]", "max_total"),
    ])
    func `a template whose files cannot be sent is broken, and says why`(yaml: String, words: String) throws {
        var limits = AttachmentLimits()
        limits.maxCount = 3
        limits.maxBytes = 100
        limits.maxTotalBytes = 150
        let half = String(repeating: "x", count: 90)
        let files = Self.with([
            "note/template.yaml": "from: a@b.example\n\(yaml)\n", "note/empty.pdf": "", "note/half.pdf": half,
            "note/half2.pdf": half, "note/large.pdf": String(repeating: "x", count: 101),
        ])
        let folder = try TemplateFolder(files)
        let broken = try TemplateCatalogue(root: folder.root, attachments: limits).snapshot.broken
        #expect(broken.first?.error.report.contains(words) == true, "\(broken)")
    }

    @Test func `a template without email attaches nothing`() throws {
        let folder = try TemplateFolder([
            "note/template.yaml": "attachments: [a.pdf]\n", "note/a.pdf": "x", "note/sms.liquid": "Hi",
        ])
        let broken = try TemplateCatalogue(root: folder.root).snapshot.broken
        #expect(broken.first?.error.report.contains("attachments belong to emails") == true)
    }

    @Test func `an image that nobody attached holds the message`() throws {
        let files = Self.with(["note/template.yaml": "from: a@b.example\nattachments: [terms.pdf]\n"])
        let failure = try #require(try render(files).failure)
        #expect(failure.contains("cid:logo") && failure.contains("there is none"), "\(failure)")
        // Attributes in other spellings, too; in text it is a word like any other.
        for html in ["<img src=cid:logo>", "<IMG SRC = 'CID:logo'>", "<td background=\"cid:lo&#103;o\">"] {
            #expect(try render(Self.with(["note/email.html.liquid": html])).email != nil, "\(html)")
            let other = html.replacing("lo", with: "xx")
            #expect(try render(Self.with(["note/email.html.liquid": other])).failure != nil, "\(other)")
        }
        #expect(try render(Self.with(["note/email.html.liquid": "<p>cid:none</p>"])).email != nil)
    }

    @Test func `a message's own files follow, within the same bounds, and make it another message`() throws {
        var letter = Letter()
        letter.files = [.init(filename: "invoice.pdf", contentType: "application/pdf", content: [1, 2, 3])]
        let result = try render(Self.note, letter)
        #expect(result.email?.attachments.map(\.filename) == ["terms.pdf", "logo.png", "invoice.pdf"])
        var other = letter
        other.files = [.init(filename: "invoice.pdf", contentType: "application/pdf", content: [1, 2, 4])]
        let fingerprints = try [result, render(Self.note, other), render(Self.note), render(Self.note, letter)]
            .map(\.fingerprint)
        #expect(Set(fingerprints).count == 3 && fingerprints[0] == fingerprints[3])
        var limits = AttachmentLimits()
        limits.maxCount = 2
        let failure = try #require(try render(Self.note, letter, limits: limits).failure)
        #expect(failure.contains("There are 3 files; at most 2 are allowed"), "\(failure)")
        // The message brings the image that the template shows.
        letter.files = [.init(filename: "l.png", contentType: "image/png", content: [1], contentID: "logo")]
        let without = Self.with(["note/template.yaml": "from: a@b.example\n"])
        #expect(try render(without, letter).email?.attachments.map(\.contentID) == ["logo"])
    }
}
