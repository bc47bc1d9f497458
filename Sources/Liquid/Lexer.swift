/// A piece of markup.
enum TokenKind: UInt8 {
    case identifier, string, number, comparison
    case pipe, dot, dotdot, colon, comma, question, dash
    case openSquare, closeSquare, openRound, closeRound
    case end
    /// A byte that starts no token.
    case bad
}

struct Token {
    var kind: TokenKind
    var start: Int
    var end: Int
}

/// Splits the markup of one tag or output into tokens, one at a time.
struct Lexer {
    let text: ByteSlice
    private(set) var token = Token(kind: .end, start: 0, end: 0)
    private var cursor = 0
    private var previous = TokenKind.end

    init(_ text: ByteSlice) {
        self.text = text
        advance()
    }

    /// The text of the current token, including the quotes of a string.
    var slice: ByteSlice { text.slice(token.start, token.end) }

    mutating func advance() {
        previous = token.kind
        var at = cursor
        let count = text.count
        while at < count, isSpace(text[at]) { at += 1 }
        if at >= count {
            token = Token(kind: .end, start: count, end: count)
            cursor = count
            return
        }
        let start = at
        let byte = text[at]
        var kind = TokenKind.bad
        if isIdentifierStart(byte) {
            at += 1
            while at < count, isWord(text[at]) || text[at] == 0x2D { at += 1 }
            if at < count, text[at] == 0x3F { at += 1 }
            kind = .identifier
            if previous != .dot, text.slice(start, at).equals("contains") { kind = .comparison }
        } else {
            (kind, at) = lexOther(byte, at)
        }
        token = Token(kind: kind, start: start, end: at)
        cursor = at
    }

    private func lexOther(_ byte: UInt8, _ start: Int) -> (TokenKind, Int) {
        let count = text.count
        let next = start + 1 < count ? text[start + 1] : 0
        switch byte {
        case 0x27, 0x22:
            var at = start + 1
            while at < count, text[at] != byte { at += 1 }
            return at < count ? (.string, at + 1) : (.bad, start + 1)
        case 0x30...0x39: return (.number, numberEnd(start))
        case 0x2D:
            return isDigit(next) ? (.number, numberEnd(start + 1)) : (.dash, start + 1)
        case 0x7C: return (.pipe, start + 1)
        case 0x2E: return next == 0x2E ? (.dotdot, start + 2) : (.dot, start + 1)
        case 0x3A: return (.colon, start + 1)
        case 0x2C: return (.comma, start + 1)
        case 0x3F: return (.question, start + 1)
        case 0x5B: return (.openSquare, start + 1)
        case 0x5D: return (.closeSquare, start + 1)
        case 0x28: return (.openRound, start + 1)
        case 0x29: return (.closeRound, start + 1)
        case 0x3D, 0x21: return next == 0x3D ? (.comparison, start + 2) : (.bad, start + 1)
        case 0x3C: return (.comparison, next == 0x3D || next == 0x3E ? start + 2 : start + 1)
        case 0x3E: return (.comparison, next == 0x3D ? start + 2 : start + 1)
        default:
            var at = start + 1
            while at < count, text[at] & 0xC0 == 0x80 { at += 1 }
            return (.bad, at)
        }
    }

    private func numberEnd(_ start: Int) -> Int {
        var at = start
        while at < text.count, isDigit(text[at]) { at += 1 }
        if at + 1 < text.count, text[at] == 0x2E, isDigit(text[at + 1]) {
            at += 1
            while at < text.count, isDigit(text[at]) { at += 1 }
        }
        return at
    }

    /// The kind of the token after the current one.
    var following: TokenKind {
        var copy = self
        copy.advance()
        return copy.token.kind
    }

    /// Consumes the current token if it is of `kind`.
    mutating func take(_ kind: TokenKind) -> Bool {
        guard token.kind == kind else { return false }
        advance()
        return true
    }

    /// Consumes the current token if it is the identifier `word`.
    mutating func take(_ word: StaticString) -> Bool {
        guard token.kind == .identifier, slice.equals(word) else { return false }
        advance()
        return true
    }
}
