/// The text of an SMTP reply as words that ``ReplyPhrase`` can match.
///
/// Words are in lower case and hold only letters and digits. An address, and every repetition of the recipient or of
/// its domain, is the one word `@`: what a recipient is called must not decide what a refusal means. Numbers, IP
/// addresses and status codes are left out.
struct ReplyWords {
    /// The word that stands for an address.
    static let address = "@"
    /// Texts are bounded by the transport; a longer one is cut here.
    static let maxWords = 256

    let words: [String]
    /// The first enhanced status in the text, for example in `(#5.1.1)`. Servers that do not announce enhanced
    /// statuses put them anywhere.
    let status: EnhancedStatus?

    /// Splits a text.
    ///
    /// - Parameters:
    ///   - text: the text of a reply.
    ///   - recipient: the envelope recipient.
    init(_ text: String, recipient: String) {
        var scalars = Array(text.lowercased().unicodeScalars)
        let name = Array(recipient.lowercased().unicodeScalars)
        if let at = name.lastIndex(of: "@") {
            scalars = Self.replacing(name, in: scalars)
            scalars = Self.replacing(name[(at + 1)...], in: scalars)
            let local = String(String.UnicodeScalarView(name[..<at]))
            // A mailbox may be called "user" or "unknown"; these words keep their meaning.
            if !ReplyEvidence.words.contains(local) { scalars = Self.replacing(name[..<at], in: scalars) }
        }
        scalars = Self.withoutBrackets(scalars)
        var words: [String] = []
        var status: EnhancedStatus?
        for chunk in scalars.split(whereSeparator: \.properties.isWhitespace) {
            if words.count >= Self.maxWords { break }
            status = status ?? Self.status(in: chunk)
            Self.append(chunk, to: &words)
        }
        self.words = words
        self.status = status
    }

    /// What the reply says apart from whom it names: equal for replies that differ only in addresses and numbers.
    var text: String { words.joined(separator: " ") }

    /// `text` with every occurrence of `name` that is not part of a longer word replaced by the address word.
    private static func replacing(
        _ name: some RandomAccessCollection<Unicode.Scalar>, in text: [Unicode.Scalar]
    ) -> [Unicode.Scalar] {
        guard !name.isEmpty, text.count >= name.count else { return text }
        var result: [Unicode.Scalar] = []
        result.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            let end = index + name.count
            let isHere =
                end <= text.count && text[index..<end].elementsEqual(name)
                && (index == 0 || !isWord(text[index - 1])) && (end == text.count || !isWord(text[end]))
            if isHere { result.append("@") } else { result.append(text[index]) }
            index = isHere ? end : index + 1
        }
        return result
    }

    /// An angle-bracketed text is what the server names: an address, or with "://" a page to read, or a host.
    private static func withoutBrackets(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        result.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            guard text[index] == "<", let end = text[index...].firstIndex(of: ">") else {
                result.append(text[index])
                index += 1
                continue
            }
            let inner = text[(index + 1)..<end]
            if inner.contains("@") {
                result += [" ", "@", " "]
            } else if inner.contains(":"), inner.contains("/") {
                result.append(" ")
                result += inner
                result.append(" ")
            } else {
                result.append(" ")
            }
            index = end + 1
        }
        return result
    }

    private static func append(_ chunk: ArraySlice<Unicode.Scalar>, to words: inout [String]) {
        var word = String.UnicodeScalarView()
        var hasLetter = false
        func finish() {
            if hasLetter { words.append(String(word)) }
            word.removeAll(keepingCapacity: true)
            hasLetter = false
        }
        for (index, scalar) in zip(chunk.indices, chunk) {
            if scalar == "@" {
                // What stands before and after it belongs to the address.
                word.removeAll(keepingCapacity: true)
                hasLetter = false
                if words.last != address { words.append(address) }
                let rest = chunk[(index + 1)...].drop { isWord($0) || $0 == "." || $0 == "-" || $0 == "_" || $0 == "@" }
                return append(rest, to: &words)
            }
            if scalar == "'" || scalar == "\u{2019}" || scalar == "`" { continue }
            if isWord(scalar) {
                word.append(scalar)
                if scalar.properties.isAlphabetic { hasLetter = true }
            } else if !isPartOfAddress(scalar) || !chunk[index...].contains("@") {
                finish()
            }
        }
        finish()
    }

    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.properties.isAlphabetic || scalar.properties.numericType != nil }
        return scalar.properties.isAlphabetic || scalar.properties.generalCategory == .nonspacingMark
    }

    private static func isPartOfAddress(_ scalar: Unicode.Scalar) -> Bool {
        ".+-_=~%&/!#$*^|{}?".unicodeScalars.contains(scalar)
    }

    /// A status such as `5.1.1` that stands alone in its chunk, apart from punctuation.
    private static func status(in chunk: ArraySlice<Unicode.Scalar>) -> EnhancedStatus? {
        for part in chunk.split(whereSeparator: { !($0 == "." || ("0"..."9").contains($0)) && $0 != ":" }) {
            for piece in part.split(separator: ":") {
                var trimmed = piece
                while trimmed.last == "." { trimmed.removeLast() }
                let text = String(String.UnicodeScalarView(trimmed))
                if let status = EnhancedStatus(text), (4...5).contains(status.class), status.subject <= 7 {
                    return status
                }
            }
        }
        return nil
    }
}
