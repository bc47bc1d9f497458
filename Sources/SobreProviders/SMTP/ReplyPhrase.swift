/// A pattern over the words of a reply.
///
/// Words are separated by spaces. `a|b` is one of several words, `block~` is any word that begins so, `$name` stands for
/// the words of a ``ReplyEvidence/vocabulary`` entry, and `*` is at most ``maxGap`` further words.
struct ReplyPhrase: Sendable {
    /// The most words that a `*` skips.
    static let maxGap = 3

    private struct Word: Sendable {
        let text: String
        let isPrefix: Bool

        init(_ text: Substring) {
            isPrefix = text.hasSuffix("~")
            self.text = String(isPrefix ? text.dropLast() : text)
        }

        func matches(_ word: String) -> Bool { isPrefix ? word.hasPrefix(text) : word == text }
    }

    private enum Part: Sendable {
        case word([Word])
        case gap
    }

    private let parts: [Part]

    init(_ text: Substring) {
        parts = text.split(separator: " ").map { part in
            part == "*" ? .gap : .word(part.split(separator: "|").flatMap(Self.words))
        }
    }

    private static func words(of choice: Substring) -> [Word] {
        guard choice.hasPrefix("$") else { return [Word(choice)] }
        return ReplyEvidence.vocabulary[String(choice.dropFirst())]!.split(separator: " ").map(Word.init)
    }

    /// The first two bytes of each word with which the phrase can begin: the key under which it is looked up.
    var beginnings: Set<UInt16> {
        guard case .word(let words)? = parts.first else { return [] }
        return Set(words.map { Self.beginning(of: $0.text) })
    }

    /// The words of the phrase that are no prefixes.
    var wholeWords: [String] {
        parts.flatMap { part -> [String] in
            guard case .word(let words) = part else { return [] }
            return words.filter { !$0.isPrefix }.map(\.text)
        }
    }

    static func beginning(of word: String) -> UInt16 {
        var bytes = word.utf8.makeIterator()
        return UInt16(bytes.next() ?? 0) << 8 | UInt16(bytes.next() ?? 0)
    }

    /// Whether the phrase stands at the start of `words`.
    func matches(_ words: ArraySlice<String>) -> Bool { Self.match(parts[...], words) }

    private static func match(_ parts: ArraySlice<Part>, _ words: ArraySlice<String>) -> Bool {
        guard let part = parts.first else { return true }
        let rest = parts.dropFirst()
        switch part {
        case .word(let choices):
            guard let word = words.first, choices.contains(where: { $0.matches(word) }) else { return false }
            return match(rest, words.dropFirst())
        case .gap:
            for skipped in 0...min(maxGap, words.count) where match(rest, words.dropFirst(skipped)) { return true }
            return false
        }
    }
}
