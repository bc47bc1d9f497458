internal import Text

/// Adds a hidden preheader to an HTML email.
enum Preheader {
    /// Inserts the preheader, which email clients show beside the subject, before the visible text and hides it
    /// there. It is plain text and is escaped here.
    static func insert(_ preheader: String, into html: String) -> String {
        var hidden = Array("<div style=\"display:none;max-height:0;overflow:hidden;mso-hide:all\">".utf8)
        HTMLEscaping.append(preheader, to: &hidden)
        hidden += Array("</div>".utf8)
        let bytes = Array(html.utf8)
        let place = startOfContent(in: bytes)
        return String(decoding: bytes[..<place] + hidden + bytes[place...], as: UTF8.self)
    }

    /// The index behind the body's start tag. Without one, before the first thing that belongs into a body: a body's
    /// tags may be left out, and a fragment has none.
    private static func startOfContent(in bytes: [UInt8]) -> Int {
        var implied: Int?
        for token in HTMLTokenizer(bytes) {
            switch token {
            case .tag(let tag) where tag.name == "body" && !tag.isClosing: return tag.end
            case .tag(let tag) where implied == nil && !beforeBody.contains(tag.name): implied = tag.start
            case .text(let range) where implied == nil && bytes[range].contains { $0 > 0x20 }:
                implied = range.lowerBound
            default: break
            }
        }
        return implied ?? bytes.count
    }

    /// Elements that stand before a body.
    private static let beforeBody: Set<String> = [
        "html", "head", "title", "meta", "link", "base", "style", "script", "noscript", "template",
    ]
}
