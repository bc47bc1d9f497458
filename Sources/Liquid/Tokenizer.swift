/// A part of a template: plain text, an output or a tag.
struct Piece {
    enum Kind: UInt8 { case text, output, tag, line }
    var kind: Kind
    /// Offsets in the source, delimiters included.
    var start: Int
    var end: Int
}

/// Splits a source exactly as Shopify/liquid's tokenizer does, including its edge cases.
struct Tokenizer {
    let text: ByteSlice
    private(set) var cursor: Int
    private let limit: Int
    /// Inside a `liquid` tag each line is a tag.
    let isLineMode: Bool

    init(_ text: ByteSlice, from: Int = 0, to: Int? = nil, isLineMode: Bool = false) {
        self.text = text
        cursor = from
        limit = to ?? text.count
        self.isLineMode = isLineMode
    }

    mutating func next() -> Piece? {
        guard cursor < limit else { return nil }
        let start = cursor
        if isLineMode {
            var at = start
            while at < limit, text[at] != 0x0A { at += 1 }
            cursor = at < limit ? at + 1 : at
            return Piece(kind: .line, start: start, end: at)
        }
        if text[start] == 0x7B, start + 1 < limit {
            if text[start + 1] == 0x25 { return tag(from: start, search: start + 2) }
            if text[start + 1] == 0x7B { return output(from: start) }
        }
        var at = start
        while true {
            guard let brace = text.index(of: 0x7B, from: at, to: limit) else {
                at = limit
                break
            }
            if brace + 1 < limit, text[brace + 1] == 0x7B || text[brace + 1] == 0x25 {
                at = brace
                break
            }
            at = brace + 1
        }
        cursor = at
        return Piece(kind: .text, start: start, end: at)
    }

    /// An output ends at `}}`, or where a stray `}` or a `{%` shows that it is not terminated.
    private mutating func output(from start: Int) -> Piece {
        var at = start + 2
        guard at < limit else {
            cursor = limit
            return Piece(kind: .output, start: start, end: limit)
        }
        var first = text[at]
        at += 1
        while at < limit {
            while at < limit, first != 0x7D, first != 0x7B {
                first = text[at]
                at += 1
            }
            if at >= limit { break }
            let second = text[at]
            at += 1
            if first == 0x7D {
                // `}}` closes it. A `}` followed by anything else leaves it unclosed, which the parser reports.
                if second != 0x7D { at -= 1 }
                cursor = at
                return Piece(kind: .output, start: start, end: at)
            }
            if first == 0x7B, second == 0x25 { return tag(from: start, search: at) }
            first = second
        }
        // Nothing closes it. Only the braces are taken, as an unterminated output.
        cursor = limit
        return Piece(kind: .output, start: start, end: start + 2)
    }

    private mutating func tag(from start: Int, search: Int) -> Piece {
        var at = search
        while let percent = text.index(of: 0x25, from: at, to: limit) {
            if percent + 1 < limit, text[percent + 1] == 0x7D {
                cursor = percent + 2
                return Piece(kind: text[start + 1] == 0x25 ? .tag : .output, start: start, end: percent + 2)
            }
            at = percent + 1
        }
        cursor = limit
        return Piece(kind: text[start + 1] == 0x25 ? .tag : .output, start: start, end: min(limit, search))
    }

    mutating func move(to offset: Int) { cursor = offset }
}
