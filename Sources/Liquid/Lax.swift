/// The patterns of the lax grammar, which are regular expressions in the reference implementation.
enum Lax {
    /// The end of `"..."`, `'...'` or a run of anything but whitespace, commas, pipes and stray quotes, starting at
    /// `at`.
    static func fragmentEnd(_ text: ByteSlice, _ at: Int) -> Int? {
        guard at < text.count else { return nil }
        if let end = quotedEnd(text, at) { return end }
        var end = at
        while end < text.count {
            let byte = text[end]
            if byte == 0x22 || byte == 0x27 {
                guard let after = quotedEnd(text, end) else { break }
                end = after
            } else if isSpace(byte) || byte == 0x2C || byte == 0x7C {
                break
            } else {
                end += 1
            }
        }
        return end > at ? end : nil
    }

    /// The end of a run of adjacent fragments.
    static func fragmentsEnd(_ text: ByteSlice, _ at: Int) -> Int? {
        var end = fragmentEnd(text, at)
        while let start = end, let next = fragmentEnd(text, start) { end = next }
        return end
    }

    /// The first run of adjacent fragments.
    static func fragments(in text: ByteSlice) -> ByteSlice? {
        for at in 0..<text.count {
            if let end = fragmentsEnd(text, at) { return text.slice(at, end) }
        }
        return nil
    }

    /// The first string in quotes.
    static func quoted(in text: ByteSlice) -> ByteSlice? {
        for at in 0..<text.count {
            if let end = quotedEnd(text, at) { return text.slice(at, end) }
        }
        return nil
    }

    /// The fragment at the start that is followed by a colon, and the start of the rest. A run of characters may
    /// include colons; it gives back as few as possible.
    static func nameBeforeColon(_ text: ByteSlice) -> (name: ByteSlice, rest: Int)? {
        guard let end = fragmentEnd(text, 0) else { return nil }
        let colon = skipSpace(text, end)
        if colon < text.count, text[colon] == 0x3A { return (text.slice(0, end), skipSpace(text, colon + 1)) }
        guard text[0] != 0x22, text[0] != 0x27 else { return nil }
        var at = end - 1
        while at > 0 {
            if text[at] == 0x3A { return (text.slice(0, at), skipSpace(text, at + 1)) }
            at -= 1
        }
        return nil
    }

    private static func quotedEnd(_ text: ByteSlice, _ at: Int) -> Int? {
        let quote = text[at]
        guard quote == 0x22 || quote == 0x27 else { return nil }
        guard let end = text.index(of: quote, from: at + 1, to: text.count) else { return nil }
        return end + 1
    }

    /// The first fragment at or after `from`.
    static func fragment(in text: ByteSlice, from: Int) -> ByteSlice? {
        var at = from
        while at < text.count {
            if let end = fragmentEnd(text, at) { return text.slice(at, end) }
            at += 1
        }
        return nil
    }

    /// Every `key: value`.
    static func attributes(_ text: ByteSlice, from: Int) -> [(key: ByteSlice, value: ByteSlice)] {
        var found: [(key: ByteSlice, value: ByteSlice)] = []
        var at = from
        while at < text.count {
            guard isWord(text[at]) else {
                at += 1
                continue
            }
            let start = at
            while at < text.count, isWord(text[at]) || text[at] == 0x2D { at += 1 }
            let end = at
            var next = skipSpace(text, at)
            guard next < text.count, text[next] == 0x3A else { continue }
            next = skipSpace(text, next + 1)
            guard let valueEnd = fragmentEnd(text, next) else { continue }
            found.append((text.slice(start, end), text.slice(next, valueEnd)))
            at = valueEnd
        }
        return found
    }

    static func skipSpace(_ text: ByteSlice, _ from: Int) -> Int {
        var at = from
        while at < text.count, isSpace(text[at]) { at += 1 }
        return at
    }

    /// The first run of characters that an assignable name may contain.
    static func signature(in text: ByteSlice, from: Int) -> ByteSlice? {
        var at = from
        while at < text.count {
            let end = signatureEnd(text, at)
            if end > at { return text.slice(at, end) }
            at += 1
        }
        return nil
    }

    private static func isSignature(_ byte: UInt8) -> Bool {
        isWord(byte) || byte == 0x2D || byte == 0x2E || byte == 0x5B || byte == 0x5D
    }

    private static func signatureEnd(_ text: ByteSlice, _ from: Int) -> Int {
        var at = from
        while at < text.count {
            var next = at
            if text[next] == 0x28 { next += 1 }
            guard next < text.count, isSignature(text[next]) else { break }
            next += 1
            if next < text.count, text[next] == 0x29 { next += 1 }
            at = next
        }
        return at
    }

    /// `name = value`
    static func assignment(_ text: ByteSlice) -> (name: ByteSlice, value: ByteSlice)? {
        var at = 0
        while at < text.count {
            let end = signatureEnd(text, at)
            guard end > at else {
                at += 1
                continue
            }
            let equals = skipSpace(text, end)
            if equals < text.count, text[equals] == 0x3D {
                return (text.slice(at, end), text.slice(equals + 1, text.count))
            }
            at = end
        }
        return nil
    }
}
