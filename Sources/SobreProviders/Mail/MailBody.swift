internal import Signing
internal import SobreModel
internal import Text

/// Writes the body of an email and the header fields that describe it.
///
/// Text is quoted-printable and files are base64. Neither can contain `=_`, the start of every boundary (RFC 2045
/// §6.7), so no content can end its part early.
struct MailBody {
    let content: EmailContent
    let boundary: String

    /// multipart/mixed with the files around multipart/related with the images of the HTML around the words. Each is left
    /// out where there is nothing for it.
    func append(to bytes: inout [UInt8]) {
        let attached = content.attachments.filter { !isShown($0) }
        guard !attached.isEmpty else { return appendWordsAndImages(to: &bytes) }
        let outer = boundary + "_m"
        line("Content-Type: multipart/mixed; boundary=\"\(outer)\"", to: &bytes)
        line("", to: &bytes)
        line("--\(outer)", to: &bytes)
        appendWordsAndImages(to: &bytes)
        for attachment in attached {
            line("--\(outer)", to: &bytes)
            append(attachment, to: &bytes)
        }
        line("--\(outer)--", to: &bytes)
    }

    /// Whether a file is an image of the HTML. Without HTML it is attached.
    private func isShown(_ attachment: EmailContent.Attachment) -> Bool { attachment.isInline && content.html != nil }

    private func appendWordsAndImages(to bytes: inout [UInt8]) {
        let images = content.attachments.filter(isShown)
        guard !images.isEmpty else { return appendWords(to: &bytes) }
        let middle = boundary + "_r"
        // RFC 2387: the type of the first part.
        let type = content.text == nil ? "text/html" : "multipart/alternative"
        line("Content-Type: multipart/related; type=\"\(type)\";", to: &bytes)
        line(" boundary=\"\(middle)\"", to: &bytes)
        line("", to: &bytes)
        line("--\(middle)", to: &bytes)
        appendWords(to: &bytes)
        for image in images {
            line("--\(middle)", to: &bytes)
            append(image, to: &bytes)
        }
        line("--\(middle)--", to: &bytes)
    }

    /// The text, the HTML, or both as alternatives. Rendering adds a text to every HTML email.
    private func appendWords(to bytes: inout [UInt8]) {
        guard var html = content.html else {
            return append(content.text ?? "", type: "text/plain", to: &bytes)
        }
        if let preheader = content.preheader, !preheader.isEmpty {
            html = Preheader.insert(preheader, into: html)
        }
        guard let text = content.text else { return append(html, type: "text/html", to: &bytes) }
        let inner = boundary + "_a"
        line("Content-Type: multipart/alternative; boundary=\"\(inner)\"", to: &bytes)
        line("", to: &bytes)
        line("--\(inner)", to: &bytes)
        append(text, type: "text/plain", to: &bytes)
        line("--\(inner)", to: &bytes)
        append(html, type: "text/html", to: &bytes)
        line("--\(inner)--", to: &bytes)
    }

    private func append(_ text: String, type: String, to bytes: inout [UInt8]) {
        line("Content-Type: \(type); charset=utf-8", to: &bytes)
        line("Content-Transfer-Encoding: quoted-printable", to: &bytes)
        line("", to: &bytes)
        QuotedPrintable.append(text, to: &bytes)
        line("", to: &bytes)
    }

    private func append(_ attachment: EmailContent.Attachment, to bytes: inout [UInt8]) {
        let type = AttachmentRule.pieces(ofContentType: attachment.contentType) ?? [attachment.contentType]
        let isLong = attachment.contentType.utf8.count > 60
        line("Content-Type: " + type.joined(separator: isLong ? ";\r\n " : "; "), to: &bytes)
        line("Content-Transfer-Encoding: base64", to: &bytes)
        if let id = attachment.contentID { line("Content-ID: <\(id)>", to: &bytes) }
        var header = MailHeaderWriter(bytes: bytes)
        bytes = []
        header.begin("Content-Disposition")
        header.append(isShown(attachment) ? "inline" : "attachment")
        header.parameter("filename", attachment.filename)
        header.end()
        bytes = header.take()
        line("", to: &bytes)
        let encoded = Base64.encodeLines(attachment.content)
        bytes.append(contentsOf: encoded)
        if !encoded.isEmpty, encoded.last != 0x0a { line("", to: &bytes) }
    }

    private func line(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: text.utf8)
        bytes.append(0x0d)
        bytes.append(0x0a)
    }
}
