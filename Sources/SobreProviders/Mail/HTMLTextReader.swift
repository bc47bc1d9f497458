/// The pass behind ``HTMLText``.
struct HTMLTextReader {
    private let html: [UInt8]
    private var index = 0
    private var text: [UInt8] = []
    /// Line ends due before the next word: 0, 1, or 2 for an empty line.
    private var pendingBreaks = 0
    private var pendingSpace = false
    /// The target of the link that is open, and where its words began.
    private var link: (target: String, start: Int)?

    init(html: [UInt8]) {
        self.html = html
        text.reserveCapacity(html.count / 2)
    }

    mutating func read() -> String {
        while index < html.count {
            let byte = html[index]
            if byte == UInt8(ascii: "<"), isTagStart(index + 1) {
                readTag()
            } else if byte == UInt8(ascii: "&"), let (characters, next) = entity() {
                for character in characters.utf8 { emit(character) }
                index = next
            } else {
                if byte <= 0x20 { pendingSpace = true } else { emit(byte) }
                index += 1
            }
        }
        if !text.isEmpty { text.append(0x0a) }
        return String(decoding: text, as: UTF8.self)
    }

    private func isTagStart(_ place: Int) -> Bool {
        guard place < html.count else { return false }
        let byte = html[place]
        return byte == UInt8(ascii: "/") || byte == UInt8(ascii: "!") || byte == UInt8(ascii: "?")
            || (0x61...0x7a).contains(byte | 0x20)
    }

    private mutating func emit(_ byte: UInt8) {
        if byte == 0x20 {
            pendingSpace = true
            return
        }
        if !text.isEmpty, pendingBreaks > 0 {
            for _ in 0..<pendingBreaks { text.append(0x0a) }
        } else if pendingSpace, !text.isEmpty {
            text.append(0x20)
        }
        pendingBreaks = 0
        pendingSpace = false
        text.append(byte)
    }

    private mutating func breakLines(_ count: Int) {
        pendingBreaks = max(pendingBreaks, count)
        pendingSpace = false
    }

    private mutating func readTag() {
        if html[index...].starts(with: "<!--".utf8) { return skip(past: "-->") }
        var cursor = index + 1
        let isClosing = html[cursor] == UInt8(ascii: "/")
        if isClosing { cursor += 1 }
        let nameStart = cursor
        while cursor < html.count, MailAddressGrammar.isAlphanumeric(html[cursor]) { cursor += 1 }
        let name = String(decoding: html[nameStart..<cursor], as: UTF8.self).lowercased()
        let attributes = cursor
        let end = endOfTag(from: cursor)
        index = min(end + 1, html.count)
        switch name {
        case "style", "script", "head", "title":
            if !isClosing { skip(past: "</\(name)"); skip(past: ">") }
        case "br": breakLines(min(pendingBreaks + 1, 2))
        case "p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "blockquote", "hr": breakLines(2)
        case "div", "tr", "section", "header", "footer": breakLines(1)
        case "li":
            if !isClosing {
                breakLines(1)
                emit(UInt8(ascii: "-"))
                pendingSpace = true
            }
        case "td", "th": pendingSpace = true
        case "img":
            if let alt = attribute("alt", in: attributes..<end) { for byte in alt.utf8 { emit(byte) } }
        case "a": isClosing ? closeLink() : openLink(attributes..<end)
        default: break
        }
    }

    private mutating func openLink(_ attributes: Range<Int>) {
        link = attribute("href", in: attributes).map { ($0, text.count) }
    }

    private mutating func closeLink() {
        guard let link else { return }
        self.link = nil
        let words = String(decoding: text[min(link.start, text.count)...], as: UTF8.self)
        let isUseful = link.target.hasPrefix("http") || link.target.hasPrefix("mailto:")
        guard isUseful, !words.hasSuffix(link.target) else { return }
        if words.allSatisfy(\.isWhitespace) {
            for byte in link.target.utf8 { emit(byte) }
        } else {
            pendingSpace = true
            for byte in "(\(link.target))".utf8 { emit(byte) }
        }
    }

    /// The `>` that ends the tag, quoted attribute values skipped; the input's end if there is none.
    private func endOfTag(from start: Int) -> Int {
        var quote: UInt8 = 0
        for place in start..<html.count {
            let byte = html[place]
            if quote != 0 {
                if byte == quote { quote = 0 }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: ">") {
                return place
            }
        }
        return html.count
    }

    private func attribute(_ name: String, in range: Range<Int>) -> String? {
        var cursor = range.lowerBound
        while cursor < range.upperBound {
            while cursor < range.upperBound, html[cursor] <= 0x20 || html[cursor] == UInt8(ascii: "/") { cursor += 1 }
            let start = cursor
            while cursor < range.upperBound, html[cursor] > 0x20, html[cursor] != UInt8(ascii: "=") { cursor += 1 }
            let found = String(decoding: html[start..<cursor], as: UTF8.self).lowercased()
            while cursor < range.upperBound, html[cursor] <= 0x20 { cursor += 1 }
            var value: Range<Int> = cursor..<cursor
            if cursor < range.upperBound, html[cursor] == UInt8(ascii: "=") {
                cursor += 1
                while cursor < range.upperBound, html[cursor] <= 0x20 { cursor += 1 }
                value = valueRange(from: &cursor, upTo: range.upperBound)
            }
            if found == name {
                var reader = HTMLTextReader(html: Array(html[value]))
                return String(reader.read().dropLast())
            }
            if cursor == start { cursor += 1 }
        }
        return nil
    }

    private func valueRange(from cursor: inout Int, upTo end: Int) -> Range<Int> {
        guard cursor < end else { return cursor..<cursor }
        let quote = html[cursor]
        if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
            let start = cursor + 1
            cursor = html[start..<end].firstIndex(of: quote) ?? end
            defer { cursor = min(cursor + 1, end) }
            return start..<cursor
        }
        let start = cursor
        while cursor < end, html[cursor] > 0x20 { cursor += 1 }
        return start..<cursor
    }

    private mutating func skip(past marker: String) {
        let wanted = Array(marker.utf8)
        while index + wanted.count <= html.count {
            if wanted.indices.allSatisfy({ html[index + $0] == wanted[$0] || html[index + $0] | 0x20 == wanted[$0] }) {
                index += wanted.count
                return
            }
            index += 1
        }
        index = html.count
    }

    /// The character reference at `index` with the place behind it; nil when there is none.
    private func entity() -> (String, Int)? {
        guard let end = html[index..<min(index + 12, html.count)].firstIndex(of: UInt8(ascii: ";")) else { return nil }
        let name = String(decoding: html[(index + 1)..<end], as: UTF8.self)
        if let known = HTMLText.entities[name] { return (known, end + 1) }
        guard name.hasPrefix("#") else { return nil }
        let isHex = name.hasPrefix("#x") || name.hasPrefix("#X")
        guard let number = UInt32(name.dropFirst(isHex ? 2 : 1), radix: isHex ? 16 : 10),
            let scalar = UnicodeScalar(number), number >= 0x20
        else { return nil }
        return (String(Character(scalar)), end + 1)
    }
}
