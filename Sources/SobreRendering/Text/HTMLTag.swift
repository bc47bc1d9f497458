/// One tag of an HTML text: its name, and its attributes on request.
struct HTMLTag {
    /// In lower case.
    let name: String
    let isClosing: Bool
    /// The index after the `>`.
    let end: Int
    private let html: [UInt8]
    private let attributes: Range<Int>

    private static let void: Set<String> = [
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
    ]

    /// Whether it has no content, by its kind or because of `/>`.
    var closesItself: Bool {
        Self.void.contains(name) || !attributes.isEmpty && html[attributes.upperBound - 1] == UInt8(ascii: "/")
    }

    /// - Parameters:
    ///   - html: the whole document.
    ///   - start: the index of the `<`.
    init(_ html: [UInt8], at start: Int) {
        self.html = html
        var at = start + 1
        isClosing = at < html.count && html[at] == UInt8(ascii: "/")
        if isClosing { at += 1 }
        let nameStart = at
        while at < html.count, (html[at] | 0x20) &- 0x61 < 26 || html[at] &- 0x30 < 10 || html[at] == UInt8(ascii: "-")
        {
            at += 1
        }
        name = String(decoding: html[nameStart..<at].map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }, as: UTF8.self)
        let attributeStart = at
        // A `>` inside quotes does not end the tag.
        var quote: UInt8 = 0
        while at < html.count, quote != 0 || html[at] != UInt8(ascii: ">") {
            if quote != 0 {
                if html[at] == quote { quote = 0 }
            } else if html[at] == UInt8(ascii: "\"") || html[at] == UInt8(ascii: "'") {
                quote = html[at]
            }
            at += 1
        }
        attributes = attributeStart..<at
        end = min(at + 1, html.count)
    }

    /// The value of an attribute with its entities decoded; nil if it is absent.
    func attribute(_ wanted: String) -> [UInt8]? {
        var at = attributes.lowerBound
        let limit = attributes.upperBound
        while at < limit {
            while at < limit, Self.isSpace(html[at]) || html[at] == UInt8(ascii: "/") { at += 1 }
            let nameStart = at
            while at < limit, !Self.isSpace(html[at]), html[at] != UInt8(ascii: "=") { at += 1 }
            let found = html[nameStart..<at]
            while at < limit, Self.isSpace(html[at]) { at += 1 }
            var value = html[at..<at]
            if at < limit, html[at] == UInt8(ascii: "=") {
                at += 1
                while at < limit, Self.isSpace(html[at]) { at += 1 }
                if at < limit, html[at] == UInt8(ascii: "\"") || html[at] == UInt8(ascii: "'") {
                    let quote = html[at]
                    let start = at + 1
                    at = html[start..<limit].firstIndex(of: quote) ?? limit
                    value = html[start..<at]
                    at = min(at + 1, limit)
                } else {
                    let start = at
                    while at < limit, !Self.isSpace(html[at]) { at += 1 }
                    value = html[start..<at]
                }
            }
            if found.elementsEqual(wanted.utf8, by: { ($0 &- 0x41 < 26 ? $0 | 0x20 : $0) == $1 }) {
                return HTMLEntity.decode(value)
            }
            if at == nameStart { at += 1 }
        }
        return nil
    }

    /// Whether its style or attribute hides it, as for hidden preheaders.
    var isHidden: Bool {
        guard !isClosing, let style = attribute("style") else { return false }
        let compact = style.filter { !Self.isSpace($0) }
        return String(decoding: compact, as: UTF8.self).contains("display:none")
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte &- 0x09 < 5 }
}
