import Files
import SobreModel
import SobrePreview
import SobreRendering
import SobreViews
import TerminalOutput
import TestFolders
import Testing

@Suite("The preview") struct PreviewViewTests {
    private static let colour = Terminal(isInteractive: true, usesColour: true, width: 100)

    /// The preview of a template for Ann, with everything allowed by the policy.
    private static func report(
        sms: String, channels: String = "[email, sms]", hasEmail: Bool = true, manifest: String = "",
        files more: [String: String] = [:]
    ) async throws -> PreviewReport {
        let folder = TemporaryFolder()
        let template = "\(folder.path)/note"
        try Folder.make("\(template)/samples")
        let files = [
            "template.yaml":
                "name: note\ncategory: transactional\nchannels: \(channels)\nfrom: Shop <shop@shop.example>\n\(manifest)",
            "email.subject.liquid": "Hello", "email.html.liquid": "<p>Hello {{ name }}</p>", "sms.liquid": sms,
            "samples/ann.json": """
            {"profile": {"id": "ann", "addresses": [
              \(hasEmail ? #"{"channel": "email", "address": "ann@example.com"},"# : "")
              {"channel": "sms", "address": "+12025550123"}]}, "data": {"name": "Ann"}}
            """,
        ]
        for (name, text) in files.merging(more, uniquingKeysWith: { $1 }) {
            try TextFile.create("\(template)/\(name)", with: Array(text.utf8))
        }
        let catalogue = try TemplateCatalogue(root: folder.path)
        guard case .ready(let found)? = catalogue.snapshot["note"] else { throw FileError("the template is broken") }
        let subject = try await PreviewSubject(
            person: "ann", profileFile: nil, data: nil, template: found, catalogue: catalogue
        ) { _ in nil }
        return await PreviewReport(
            template: found, subject: subject, channels: [], now: .epoch,
            renderer: MessageRenderer(catalogue: catalogue)
        ) { drafts in
            drafts.map { draft in [PreviewDecision(draft.channels[0], verdict: "send", reason: "")] }
        }
    }

    @Test func `of an email in colour shows its marks, not the codes of colours`() async throws {
        let report = try await Self.report(sms: "Hi {{ name }}")
        let text = PreviewView(report: report, terminal: Self.colour).lines().joined(separator: "\n")
        #expect(text.contains("html 0.0 kB of"))
        #expect(!text.contains(" [32m"), "\(text)")
        // Every code begins with the escape character.
        for part in text.split(separator: "[32m").dropLast() { #expect(part.last == "\u{1B}") }
    }

    @Test func `of what does not render says held, and nowhere that it would be sent`() async throws {
        let report = try await Self.report(sms: "Hi {{ missing }}", channels: "[sms, email]")
        #expect(report.outcome?.verdict == "hold")
        #expect(report.outcome?.channel == .sms)
        #expect(report.outcome?.reason.hasPrefix("render_failed: ") == true)
        #expect(report.parts.map(\.decision?.verdict) == ["hold", "send"])
        let lines = PreviewView(report: report).lines()
        #expect(lines.contains { $0.hasPrefix("DECIDE   hold on sms (render_failed: ") }, "\(lines)")
        #expect(!lines.contains { $0.contains("would be sent by") })
        #expect(String(decoding: report.json(), as: UTF8.self).contains(#""verdict": "hold""#))
    }

    @Test func `of an abort says that it is dropped`() async throws {
        let report = try await Self.report(sms: "{% abort 'sold out' %}", channels: "[sms]")
        #expect(report.outcome == PreviewDecision(.sms, verdict: "drop", reason: "aborted_by_template: sold out"))
    }

    @Test func `of a channel behind the one that is sent does not hold the message`() async throws {
        let report = try await Self.report(sms: "Hi {{ missing }}")
        #expect(report.outcome == PreviewDecision(.email, verdict: "send", reason: ""))
        #expect(report.parts.map(\.decision?.verdict) == ["send", "hold"])
    }

    @Test func `of an SMS shows how many parts the transliteration saved`() async throws {
        let words = "“Ça va, {{ name }}?” – " + String(repeating: "x", count: 70)
        let report = try await Self.report(sms: words, channels: "[sms]", manifest: "sms: { transliterate: true }\n")
        let lines = PreviewView(report: report).lines()
        let note = "GSM-7 86/160, 1 part; transliterated: as written UCS-2, 2 parts, 1 saved"
        #expect(lines.contains { $0.contains(note) }, "\(lines)")
        let json = String(decoding: report.json(), as: UTF8.self)
        #expect(json.contains(#""parts_as_written": 2"#) && json.contains("“Ça va, Ann?”"), "\(json)")
        let plain = try await Self.report(sms: words, channels: "[sms]")
        #expect(!PreviewView(report: plain).lines().contains { $0.contains("transliterated") })
    }

    @Test func `of an email lists its files`() async throws {
        let report = try await Self.report(
            sms: "Hi",
            manifest: "attachments: [terms.pdf, {file: logo.png, content_id: logo}]\n",
            files: ["terms.pdf": String(repeating: "x", count: 12_400), "logo.png": "PNG"])
        let lines = PreviewView(report: report).lines()
        #expect(lines.contains { $0.contains("file terms.pdf, application/pdf, 12.4 kB") }, "\(lines)")
        #expect(lines.contains { $0.contains("image logo.png, image/png, 3 bytes, shown as cid:logo") }, "\(lines)")
        let json = String(decoding: report.json(), as: UTF8.self)
        #expect(json.contains(#""content_id": "logo""#) && json.contains(#""bytes": 12400"#), "\(json)")
    }
}
