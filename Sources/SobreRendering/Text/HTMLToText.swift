internal import Text

/// Converts an HTML email to equivalent plain text.
///
/// Handles what templates use: headings, paragraphs, lists, layout tables, links and images. A link's URL follows its
/// text, and an image becomes its `alt`. Scripts, styles, comments, the head and everything with `display:none` are
/// omitted. A document whose every word is hidden gives these words, for no text at all is worse. One pass over the
/// bytes, linear in the length.
struct HTMLToText {
    /// The text of an HTML document, ending in one line end; empty if there are no words.
    static func text(of html: [UInt8]) -> String {
        var converter = HTMLToText(html, showsHidden: false)
        converter.run()
        let text = converter.finish()
        guard text.isEmpty, converter.hasHidden else { return text }
        converter = HTMLToText(html, showsHidden: true)
        converter.run()
        return converter.finish()
    }

    private let html: [UInt8]
    private let showsHidden: Bool
    private var out: [UInt8] = []
    /// The number of line ends before the next word.
    private var breaks = 0
    private var spaceBeforeWord = false
    private var links: [(address: [UInt8], from: Int)] = []
    private var elements = HTMLElementStack()
    /// Whether an element was hidden by its style or attribute.
    private var hasHidden = false

    private init(_ html: [UInt8], showsHidden: Bool) {
        self.html = html
        self.showsHidden = showsHidden
        out.reserveCapacity(html.count / 2)
    }

    private mutating func run() {
        for token in HTMLTokenizer(html) {
            switch token {
            case .tag(let tag): tag.isClosing ? end(tag) : begin(tag)
            case .text(let range): words(range)
            case .rawText, .comment: break
            }
        }
    }

    private mutating func words(_ range: Range<Int>) {
        if html[range].contains(where: { $0 > 0x20 }) { elements.meetText() }
        if elements.isHidden { return }
        var at = range.lowerBound
        while at < range.upperBound {
            if html[at] == UInt8(ascii: "&") {
                let (bytes, end) = HTMLEntity.decode(html, at: at)
                for byte in bytes { emit(byte) }
                at = end
            } else {
                emit(html[at])
                at += 1
            }
        }
    }

    private mutating func begin(_ tag: HTMLTag) {
        let element = HTMLElement(tag.name)
        let isStyledAway = tag.isHidden
        if isStyledAway { hasHidden = true }
        let isHidden = Self.unseen.contains(element) || (isStyledAway && !showsHidden)
        elements.open(element, tag.name, isHidden: isHidden, closesItself: tag.closesItself)
        if !elements.isHidden, !isHidden { open(element, tag) }
    }

    private mutating func end(_ tag: HTMLTag) {
        let element = HTMLElement(tag.name)
        let wasHidden = elements.isHidden
        elements.close(element, tag.name)
        if !wasHidden { close(element) }
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

    private mutating func open(_ element: HTMLElement, _ tag: HTMLTag) {
        switch element {
        case .br: breaks += 1
        case .hr:
            endLine(2)
            emit(words: "----".utf8)
            endLine(2)
        case .li:
            endLine(1)
            emit(words: "- ".utf8)
            out.append(0x20)
        case .td, .th: spaceBeforeWord = true
        case .img:
            spaceBeforeWord = true
            if let alt = tag.attribute("alt") { emit(words: alt) }
            spaceBeforeWord = true
        case .a: links.append((tag.attribute("href") ?? [], out.count))
        default: endLine(Self.paragraphs.contains(element) ? 2 : Self.blocks.contains(element) ? 1 : 0)
        }
    }

    private mutating func close(_ element: HTMLElement) {
        switch element {
        case .a:
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
        case .td, .th: spaceBeforeWord = true
        default: endLine(Self.paragraphs.contains(element) ? 2 : Self.blocks.contains(element) ? 1 : 0)
        }
    }

    private func finish() -> String {
        var text = out[...]
        while let last = text.last, last == 0x20 || last == 0x0A { text.removeLast() }
        return text.isEmpty ? "" : String(decoding: text, as: UTF8.self) + "\n"
    }

    private static let unseen: HTMLElementSet = [.head, .title, .template, .noscript, .svg]
    private static let paragraphs: HTMLElementSet = [
        .p, .h1, .h2, .h3, .h4, .h5, .h6, .ul, .ol, .blockquote, .pre, .table,
    ]
    private static let blocks: HTMLElementSet = [
        .div, .tr, .li, .section, .article, .header, .footer, .center, .address, .main, .nav, .dl, .dt, .dd,
    ]
}
