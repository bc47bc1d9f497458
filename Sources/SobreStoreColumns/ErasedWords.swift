import JSON
public import SobreModel

/// The words that identify a recipient who is erased: ids, aliases and addresses. They are removed from every text that
/// is kept, such as explanations.
public struct ErasedWords: Sendable {
    /// What stands in place of a word.
    private static let mark = Array("…".utf8)
    /// Members of an explanation that name the recipient, or repeat what others said of it.
    private static let namingMembers: Set<String> = ["recipient", "dedup_key", "of", "source", "unreadable"]

    /// In lower case, the longest first.
    private let words: [[UInt8]]

    /// Makes the words of a recipient.
    ///
    /// - Parameters:
    ///   - names: the id and the aliases.
    ///   - addresses: the addresses.
    public init(names: [String] = [], addresses: [Address] = []) {
        let texts = names + addresses.flatMap { [$0.value, $0.normalised, $0.masked] }
        let unique = Set(texts.map { Self.lower(Array($0.utf8)) }.filter { !$0.isEmpty })
        words = unique.sorted { $0.count > $1.count }
    }

    /// A text without the words. A word counts where it stands by itself: `ann` in `ann: manual`, not in `planned`.
    ///
    /// - Parameter text: any text.
    /// - Returns: the text with a mark in place of each word.
    public func removed(from text: String) -> String {
        let bytes = Array(text.utf8)
        let lower = Self.lower(bytes)
        guard words.contains(where: { Self.place(of: $0, in: lower, from: 0) != nil }) else { return text }
        var kept: [UInt8] = []
        var place = 0
        while place < bytes.count {
            if let word = words.first(where: { Self.stands($0, at: place, in: lower) }) {
                kept += Self.mark
                place += word.count
            } else {
                kept.append(bytes[place])
                place += 1
            }
        }
        return String(decoding: kept, as: UTF8.self)
    }

    /// The text of a JSON value without the words. Anything else becomes an empty object.
    ///
    /// - Parameters:
    ///   - json: the value.
    ///   - dropsNames: whether members of an explanation that name the recipient are left out.
    /// - Returns: the value as JSON.
    public func removed(fromJSON json: [UInt8], droppingNames dropsNames: Bool) -> [UInt8] {
        guard let root = try? JSONDocument.parse(json).root else { return Array("{}".utf8) }
        var writer = JSONWriter()
        copy(root, dropsNames, to: &writer)
        return writer.take()
    }

    /// Recursion is bounded by the depth that the parser allows.
    private func copy(_ ref: JSONRef, _ dropsNames: Bool, to writer: inout JSONWriter) {
        switch ref.kind {
        case .string: writer.value(removed(from: ref.string ?? ""))
        case .array: writer.array { writer in for element in ref.elements { copy(element, dropsNames, to: &writer) } }
        case .object:
            // The label of a suppression is about the recipient, or about a former address.
            let isSuppression = ref["step"]?.string == "suppression"
            writer.object { writer in
                for (key, value) in ref.members {
                    let name = key.string ?? ""
                    let names = Self.namingMembers.contains(name) && (name != "of" || value.kind == .string)
                    if dropsNames, names || (isSuppression && name == "of") { continue }
                    if dropsNames, name == "summary", ref["reason"]?.string == DropReason.suppressed.rawValue {
                        continue
                    }
                    writer.key(name)
                    copy(value, dropsNames, to: &writer)
                }
            }
        case .null, .bool, .number: writer.value(ref)
        }
    }

    // MARK: Search

    private static func place(of word: [UInt8], in text: [UInt8], from start: Int) -> Int? {
        guard word.count <= text.count else { return nil }
        return (start...(text.count - word.count)).first { stands(word, at: $0, in: text) }
    }

    private static func stands(_ word: [UInt8], at place: Int, in text: [UInt8]) -> Bool {
        let end = place + word.count
        guard end <= text.count, text[place] == word[0], text[place..<end].elementsEqual(word) else { return false }
        return !(place > 0 && isLetter(text[place - 1]) && isLetter(word[0]))
            && !(end < text.count && isLetter(text[end]) && isLetter(word[word.count - 1]))
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x80...:
            true
        default: false
        }
    }

    private static func lower(_ bytes: [UInt8]) -> [UInt8] {
        bytes.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
    }
}
