import Foundation
import SobreDelivery
import SobreModel
import SobreSettings
import Testing

@testable import SobreProviders

/// Attached files and images of the HTML, as Python's `email` package reads them.
@Suite struct MailAttachmentTests {
    private static let logo = EmailContent.Attachment(
        filename: "Logo für alle.png", contentType: "image/png", content: (0..<200).map { UInt8($0) },
        contentID: "logo@a.b")
    private static let terms = EmailContent.Attachment(
        filename: "terms.pdf", contentType: "application/pdf", content: Array("%PDF".utf8))
    private static let event = EmailContent.Attachment(
        filename: "event.ics",
        contentType: "text/calendar;method=REQUEST; charset=\"utf-8\"; component=VEVENT; x=\"a; b\"",
        content: Array("BEGIN:VCALENDAR\r\n".utf8))

    private static func mail(
        html: String? = "<img src=\"cid:logo@a.b\">", text: String? = "Hi", _ files: [EmailContent.Attachment]
    ) throws -> [UInt8] {
        let content = EmailContent(
            from: Mailbox(address: "shop@example.com"), subject: "S", html: html, text: text, attachments: files)
        return try MailBuilder().build(content, for: outbound(.email(content), to: "ann@example.org"))
    }

    @Test(
        .enabled(if: PythonMail.executable != nil),
        arguments: [
            (
                [logo, terms],
                "multipart/mixed(multipart/related(multipart/alternative(text/plain,text/html),image/png),application/pdf)"
            ),
            (
                [terms, logo],
                "multipart/mixed(multipart/related(multipart/alternative(text/plain,text/html),image/png),application/pdf)"
            ),
            ([logo], "multipart/related(multipart/alternative(text/plain,text/html),image/png)"),
            ([terms], "multipart/mixed(multipart/alternative(text/plain,text/html),application/pdf)"),
            ([], "multipart/alternative(text/plain,text/html)"),
        ])
    func `images stand beside the HTML, and files around both`(files: [EmailContent.Attachment], structure: String)
        throws
    {
        let reading = try PythonMail.read(try Self.mail(files))
        #expect(reading.structure == structure)
        #expect(reading.defects.isEmpty)
        for file in files {
            let part = try #require(reading.parts.first { $0.filename == file.filename })
            #expect(part.base64 == Data(file.content).base64EncodedString())
            #expect(part.content_id == file.contentID.map { "<\($0)>" })
            #expect(part.disposition == (file.isInline ? "inline" : "attachment"))
        }
    }

    @Test(.enabled(if: PythonMail.executable != nil))
    func `HTML alone is the root of its images, and text alone has them attached`() throws {
        let html = try PythonMail.read(try Self.mail(text: nil, [Self.logo]))
        #expect(html.structure == "multipart/related(text/html,image/png)" && html.defects.isEmpty)
        #expect(String(decoding: try Self.mail(text: nil, [Self.logo]), as: UTF8.self).contains("type=\"text/html\""))
        let text = try PythonMail.read(try Self.mail(html: nil, [Self.logo]))
        #expect(text.structure == "multipart/mixed(text/plain,image/png)")
        #expect(text.parts.last?.disposition == "attachment")
    }

    @Test(.enabled(if: PythonMail.executable != nil))
    func `a type keeps its parameters, and lines stay short`() throws {
        let mail = try Self.mail([Self.event, Self.logo])
        let reading = try PythonMail.read(mail)
        let part = try #require(reading.parts.first { $0.filename == "event.ics" })
        #expect(part.type == "text/calendar")
        #expect(part.parameters == ["method": "REQUEST", "charset": "utf-8", "component": "VEVENT", "x": "a; b"])
        #expect(reading.defects.isEmpty)
        let longest = String(decoding: mail, as: UTF8.self).components(separatedBy: "\r\n").map(\.utf8.count).max()
        #expect(longest.map { $0 <= 78 } == true, "\(longest ?? 0)")
    }

    @Test func `a file that is not loaded counts with the bytes that it will have`() {
        let file = EmailContent.Attachment(
            filename: "a.pdf", contentType: "application/pdf", contentID: nil, byteCount: 3000, digest: KeyHash("a"))
        let content = EmailContent(
            from: Mailbox(address: "shop@example.com"), subject: "S", text: "Hi", attachments: [file])
        let error = #expect(throws: MailError.self) {
            try MailBuilder(maxBytes: 2000).build(content, for: outbound(.email(content), to: "ann@example.org"))
        }
        #expect(error == .tooLarge(bytes: 3002, limit: 2000))
    }

    @Test(arguments: [
        ("brevo", "images in the HTML (cid:logo@a.b)"), ("scaleway", "images in the HTML (cid:logo@a.b)"),
        ("resend", nil),
        ("mailgun", nil),
    ])
    func `a provider that cannot show images refuses them before a slot is taken`(name: String, words: String?) throws {
        let content = EmailContent(
            from: Mailbox(address: "shop@example.com"), subject: "S", html: "<img src=\"cid:logo@a.b\">", text: "Hi",
            attachments: [Self.logo])
        let refusal = try shippedProvider(name).refusal(of: .email(content))
        if let words {
            #expect(
                refusal?.kind == .contentRejected && refusal?.detail.contains(words) == true, "\(refusal?.detail ?? "")"
            )
        } else {
            #expect(refusal == nil, "\(refusal?.detail ?? "")")
        }
    }

    @Test func `a request is measured with the bytes that a file will have`() throws {
        let large = EmailContent.Attachment(
            filename: "a.pdf", contentType: "application/pdf", contentID: nil, byteCount: 8 << 20, digest: KeyHash("a"))
        let content = EmailContent(
            from: Mailbox(address: "shop@example.com"), subject: "S", text: "Hi", attachments: [large])
        let refusal = try shippedProvider("postmark").refusal(of: .email(content))
        #expect(refusal?.kind == .contentTooLarge, "\(refusal?.detail ?? "nil")")
        #expect(try shippedProvider("resend").refusal(of: .email(content)) == nil)
    }

    /// A shipped provider with the settings of Tests/Wire.
    private func shippedProvider(_ name: String) throws -> any Provider {
        let known = try #require(try WireMessages.settings()[name])
        let secrets = known.secrets ?? [:]
        return try factory(environment: secrets).make(
            ProviderInstance(
                name: name, type: name, channel: .email, settings: known.settings ?? [:],
                secrets: secrets.reduce(into: [:]) { $0[$1.key] = .environment($1.key) })
        ).provider
    }
}
