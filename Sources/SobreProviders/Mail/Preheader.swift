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
        let place = endOfBodyTag(in: bytes) ?? 0
        return String(decoding: bytes[..<place] + hidden + bytes[place...], as: UTF8.self)
    }

    private static func endOfBodyTag(in bytes: [UInt8]) -> Int? {
        let wanted = Array("<body".utf8)
        var index = 0
        while index + wanted.count < bytes.count {
            let isTag = (0..<wanted.count).allSatisfy { bytes[index + $0] | ($0 == 0 ? 0 : 0x20) == wanted[$0] }
            let next = bytes[index + wanted.count]
            if isTag, next == UInt8(ascii: ">") || next <= 0x20 {
                return bytes[index...].firstIndex(of: UInt8(ascii: ">")).map { $0 + 1 }
            }
            index += 1
        }
        return nil
    }
}
