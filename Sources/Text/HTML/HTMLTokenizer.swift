/// Splits an HTML text into tags, text, and what is neither, as browsers do (HTML Standard, section 13.2.5).
///
/// Comments hold no tags, conditional comments for Outlook included; scripts, styles and titles end only at their own
/// end tags. One pass over the bytes, linear in the length. Every byte belongs to exactly one token.
public struct HTMLTokenizer: Sequence, IteratorProtocol, Sendable {
    /// A part of the document.
    public enum Token: Sendable {
        case tag(HTMLTag)
        /// Text with character references.
        case text(Range<Int>)
        /// The content of a script, a style, a title or a text area.
        case rawText(Range<Int>)
        /// A comment, a declaration such as the doctype, or a processing instruction.
        case comment(Range<Int>)
    }

    /// Elements whose content holds no tags.
    private static let raw: Set<String> = [
        "script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes",
    ]

    private let html: [UInt8]
    private var at = 0
    /// The element whose content comes next and holds no tags.
    private var rawElement: String?

    /// - Parameter html: the document in UTF-8.
    public init(_ html: [UInt8]) { self.html = html }

    /// The next part; nil at the end.
    public mutating func next() -> Token? {
        guard at < html.count else { return nil }
        let start = at
        if let element = rawElement {
            rawElement = nil
            at = endOfRawText(element)
            if at > start { return .rawText(start..<at) }
            guard at < html.count else { return nil }
        }
        guard beginsMarkup(at) else {
            at += 1
            while at < html.count, !beginsMarkup(at) { at += 1 }
            return .text(start..<at)
        }
        let next = html[at + 1]
        if next == UInt8(ascii: "!") || next == UInt8(ascii: "?") {
            at = endOfComment(from: at)
            return .comment(start..<at)
        }
        let tag = HTMLTag(html, at: at)
        at = tag.end
        if !tag.isClosing, Self.raw.contains(tag.name) { rawElement = tag.name }
        return .tag(tag)
    }

    /// Whether a tag, a comment or a declaration begins here. A lone `<` is text.
    private func beginsMarkup(_ index: Int) -> Bool {
        guard html[index] == UInt8(ascii: "<"), index + 1 < html.count else { return false }
        let next = html[index + 1]
        return next == UInt8(ascii: "/") || next == UInt8(ascii: "!") || next == UInt8(ascii: "?")
            || (next | 0x20) &- 0x61 < 26
    }

    private func endOfComment(from start: Int) -> Int {
        guard start + 3 < html.count, html[start + 1] == UInt8(ascii: "!"), html[start + 2] == UInt8(ascii: "-"),
            html[start + 3] == UInt8(ascii: "-")
        else { return (html[start...].firstIndex(of: UInt8(ascii: ">")) ?? html.count - 1) + 1 }
        // `<!-->` and `<!--->` are whole comments; `--!>` ends one too.
        var index = start + 4
        if index < html.count, html[index] == UInt8(ascii: ">") { return index + 1 }
        if index + 1 < html.count, html[index] == UInt8(ascii: "-"), html[index + 1] == UInt8(ascii: ">") {
            return index + 2
        }
        while index + 2 < html.count {
            if html[index] == UInt8(ascii: "-"), html[index + 1] == UInt8(ascii: "-") {
                if html[index + 2] == UInt8(ascii: ">") { return index + 3 }
                if html[index + 2] == UInt8(ascii: "!"), index + 3 < html.count, html[index + 3] == UInt8(ascii: ">") {
                    return index + 4
                }
            }
            index += 1
        }
        return html.count
    }

    /// The index of the end tag of an element without tags; the end of the document without one.
    private func endOfRawText(_ element: String) -> Int {
        let name = Array(element.utf8)
        var index = at
        while index + 1 + name.count < html.count {
            if html[index] == UInt8(ascii: "<"), html[index + 1] == UInt8(ascii: "/") {
                let after = index + 2 + name.count
                let isName = name.indices.allSatisfy { offset in
                    index + 2 + offset < html.count && html[index + 2 + offset] | 0x20 == name[offset]
                }
                if isName, after >= html.count || !Self.isNameByte(html[after]) { return index }
            }
            index += 1
        }
        return html.count
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || byte == UInt8(ascii: "-")
    }
}
