/// Converts an HTML email to equivalent plain text.
///
/// Handles what templates use: headings, paragraphs, lists, layout tables, links and images. A link's URL follows its
/// text, and an image becomes its `alt`. Scripts, styles, comments, the head and everything with `display:none` are
/// omitted. One pass over the bytes, linear in the length.
struct HTMLText {
    /// The text of an HTML document, ending in one line end; empty if there are no words.
    static func text(of html: [UInt8]) -> String {
        var converter = HTMLText(html)
        converter.run()
        return converter.finish()
    }

    private let html: [UInt8]
    private var at = 0
    private var out: [UInt8] = []
    /// The number of line ends before the next word.
    private var breaks = 0
    private var spaceBeforeWord = false
    private var links: [(address: [UInt8], from: Int)] = []
    /// The element whose content is skipped, and the number of open elements with its name.
    private var skipping: (name: String, depth: Int)?

    private init(_ html: [UInt8]) {
        self.html = html
        out.reserveCapacity(html.count / 2)
    }

    private mutating func run() {
        while at < html.count {
            if html[at] == UInt8(ascii: "<"), at + 1 < html.count, Self.beginsMarkup(html[at + 1]) {
                markup()
            } else if skipping != nil {
                at += 1
            } else if html[at] == UInt8(ascii: "&") {
                let (bytes, end) = HTMLEntity.decode(html, at: at)
                for byte in bytes { emit(byte) }
                at = end
            } else {
                emit(html[at])
                at += 1
            }
        }
    }

    private static func beginsMarkup(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "/") || byte == UInt8(ascii: "!") || byte == UInt8(ascii: "?")
            || (byte | 0x20) &- 0x61 < 26
    }

    private mutating func emit(_ byte: UInt8) {
        if byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            spaceBeforeWord = true
            return
        }
        if breaks > 0, !out.isEmpty {
            while out.last == 0x20 { out.removeLast() }
            for _ in 0..<min(breaks, 2) { out.append(0x0A) }
        } else if spaceBeforeWord, !out.isEmpty, out.last != 0x20, out.last != 0x0A {
            out.append(0x20)
        }
        breaks = 0
        spaceBeforeWord = false
        out.append(byte)
    }

    private mutating func emit(words: some Sequence<UInt8>) {
        for byte in words { emit(byte) }
    }

    private mutating func endLine(_ count: Int) {
        if count == 0 { return }
        breaks = max(breaks, count)
        spaceBeforeWord = false
    }

    /// Reads and handles one tag, comment or declaration.
    private mutating func markup() {
        if html[at + 1] == UInt8(ascii: "!") || html[at + 1] == UInt8(ascii: "?") {
            skipDeclaration()
            return
        }
        let tag = HTMLTag(html, at: at)
        at = tag.end
        if let open = skipping {
            if tag.name == open.name, !tag.closesItself {
                let depth = open.depth + (tag.isClosing ? -1 : 1)
                skipping = depth == 0 ? nil : (open.name, depth)
            }
            return
        }
        tag.isClosing ? close(tag) : open(tag)
    }

    private mutating func skipDeclaration() {
        if html[at...].starts(with: "<!--".utf8) {
            at += 4
            while at < html.count, !html[at...].starts(with: "-->".utf8) { at += 1 }
            at = min(at + 3, html.count)
        } else {
            while at < html.count, html[at] != UInt8(ascii: ">") { at += 1 }
            at = min(at + 1, html.count)
        }
    }

    /// Scripts and styles contain no tags. Everything up to their end tag is skipped.
    private mutating func skipRawText(until end: String) {
        let end = Array(end.utf8)
        while at < html.count, !html[at...].prefix(end.count).elementsEqual(end, by: { $0 | 0x20 == $1 | 0x20 }) {
            at += 1
        }
    }

    private mutating func open(_ tag: HTMLTag) {
        if tag.name == "script" || tag.name == "style" {
            skipRawText(until: "</" + tag.name)
            return
        }
        if Self.unseen.contains(tag.name) || tag.isHidden {
            if !tag.closesItself { skipping = (tag.name, 1) }
            return
        }
        switch tag.name {
        case "br": breaks += 1
        case "hr":
            endLine(2)
            emit(words: "----".utf8)
            endLine(2)
        case "li":
            endLine(1)
            emit(words: "- ".utf8)
            out.append(0x20)
        case "td", "th": spaceBeforeWord = true
        case "img":
            spaceBeforeWord = true
            if let alt = tag.attribute("alt") { emit(words: alt) }
            spaceBeforeWord = true
        case "a": links.append((tag.attribute("href") ?? [], out.count))
        default: endLine(Self.paragraphs.contains(tag.name) ? 2 : Self.blocks.contains(tag.name) ? 1 : 0)
        }
    }

    private mutating func close(_ tag: HTMLTag) {
        switch tag.name {
        case "a":
            guard let link = links.popLast() else { return }
            // A URL that the text already shows, or that is useless in plain text, is not repeated.
            let words = out[min(link.from, out.count)...].drop { $0 == 0x20 || $0 == 0x0A }
            let isWorthShowing = link.address.starts(with: "http".utf8) || link.address.starts(with: "mailto:".utf8)
            guard isWorthShowing, !words.elementsEqual(link.address), !link.address.dropFirst(7).elementsEqual(words)
            else { return }
            if words.isEmpty {
                emit(words: link.address)
            } else {
                emit(words: " (".utf8)
                out += link.address
                out.append(UInt8(ascii: ")"))
            }
        case "td", "th": spaceBeforeWord = true
        default: endLine(Self.paragraphs.contains(tag.name) ? 2 : Self.blocks.contains(tag.name) ? 1 : 0)
        }
    }

    private func finish() -> String {
        var text = out[...]
        while let last = text.last, last == 0x20 || last == 0x0A { text.removeLast() }
        return text.isEmpty ? "" : String(decoding: text, as: UTF8.self) + "\n"
    }

    private static let unseen: Set<String> = ["head", "title", "template", "noscript", "svg"]
    private static let paragraphs: Set<String> = [
        "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "blockquote", "pre", "table",
    ]
    private static let blocks: Set<String> = [
        "div", "tr", "li", "section", "article", "header", "footer", "center", "address", "main", "nav", "dl", "dt",
        "dd",
    ]
}
