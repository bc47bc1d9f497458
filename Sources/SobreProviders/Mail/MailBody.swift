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

    func append(to bytes: inout [UInt8]) {
        guard !content.attachments.isEmpty else { return appendWords(to: &bytes) }
        let outer = boundary + "_m"
        line("Content-Type: multipart/mixed; boundary=\"\(outer)\"", to: &bytes)
        line("", to: &bytes)
        line("--\(outer)", to: &bytes)
        appendWords(to: &bytes)
        for attachment in content.attachments {
            line("--\(outer)", to: &bytes)
            append(attachment, to: &bytes)
        }
        line("--\(outer)--", to: &bytes)
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
        line("Content-Type: \(attachment.contentType)", to: &bytes)
        line("Content-Transfer-Encoding: base64", to: &bytes)
        var header = MailHeaderWriter(bytes: bytes)
        bytes = []
        header.begin("Content-Disposition")
        header.append("attachment")
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
