/// Makes a provider's text safe for a log: one short line without addresses, numbers or tokens.
enum Redaction {
    static let maxBytes = 240

    /// The text in one line. The hidden address, words with `@`, runs of 7 or more digits and words of more than 60
    /// characters become `…`.
    static func line(_ text: String, hiding address: String = "") -> String {
        var line = ""
        for word in text.split(whereSeparator: { $0.unicodeScalars.allSatisfy { $0.value <= 0x20 || $0.value == 0x7f } }
        ) {
            let shown = isPrivate(word, address: address) ? "…" : String(word)
            if line.utf8.count + shown.utf8.count + 1 > maxBytes { return line + " …" }
            if !line.isEmpty { line += " " }
            line += shown
        }
        return line
    }

    private static func isPrivate(_ word: Substring, address: String) -> Bool {
        if word.utf8.count > 60 || word.utf8.contains(UInt8(ascii: "@")) { return true }
        if !address.isEmpty, contains(word.utf8, address.utf8) { return true }
        var digits = 0
        for byte in word.utf8 {
            if (0x30...0x39).contains(byte) { digits += 1 } else if byte != UInt8(ascii: "-") { digits = 0 }
            if digits >= 7 { return true }
        }
        return false
    }

    private static func contains(_ text: Substring.UTF8View, _ wanted: String.UTF8View) -> Bool {
        var rest = text[...]
        while rest.count >= wanted.count {
            if rest.starts(with: wanted) { return true }
            rest = rest.dropFirst()
        }
        return false
    }
}
