/// The opt-out and opt-in keywords of inbound messages (CTIA; in the US FCC 24-24, 47 CFR §64.1200(a)(10)). A message
/// matches if it consists of the keyword only, whatever its case, spaces, punctuation, accents and width.
public struct StopWords: Sendable, Hashable {
    /// What a keyword asks for.
    public enum Wish: Sendable, Hashable {
        case stop
        case start
    }

    private let stop: Set<String>

    private static let always = [
        "STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "ARRET",
    ]
    private static let start: Set<String> = ["START", "UNSTOP", "YES"]
    /// The longest message that is matched, in bytes.
    private static let maxBytes = 400

    /// - Parameter more: additional opt-out keywords from the policy. A keyword that is also an opt-in keyword opts
    ///   out.
    public init(adding more: [String] = []) {
        stop = Set((Self.always + more).map(Self.normalised)).subtracting([""])
    }

    /// What a message asks for; nil if it is not a keyword.
    public func wish(of text: String) -> Wish? {
        guard text.utf8.count <= Self.maxBytes else { return nil }
        let word = Self.normalised(text)
        if stop.contains(word) { return .stop }
        return Self.start.contains(word) ? .start : nil
    }

    /// Letters and digits only, in upper case, with full-width forms narrowed and Latin letters without accents.
    static func normalised(_ text: String) -> String {
        var word = ""
        for scalar in text.unicodeScalars {
            var scalar = scalar
            if (0xFF01...0xFF5E).contains(scalar.value), let narrow = Unicode.Scalar(scalar.value - 0xFEE0) {
                scalar = narrow
            }
            let properties = scalar.properties
            // Skips combining accents, which follow their letter.
            guard properties.isAlphabetic || properties.numericType != nil, !properties.isDiacritic else { continue }
            word += properties.uppercaseMapping
        }
        return String(String.UnicodeScalarView(word.unicodeScalars.map { plain[$0] ?? $0 }))
    }

    /// Accented Latin capital letters and their base letters.
    private static let plain: [Unicode.Scalar: Unicode.Scalar] = {
        var table: [Unicode.Scalar: Unicode.Scalar] = [:]
        for (letter, accented) in [
            ("A", "ÀÁÂÃÄÅĀĂĄ"), ("C", "ÇĆČ"), ("E", "ÈÉÊËĒĖĘĚ"), ("G", "Ğ"), ("I", "ÌÍÎÏĪİ"), ("L", "Ł"), ("N", "ÑŃŇ"),
            ("O", "ÒÓÔÕÖØŌŐ"), ("R", "Ř"), ("S", "ŚŠŞ"), ("U", "ÙÚÛÜŪŮŰ"), ("Y", "ÝŸ"), ("Z", "ŹŻŽ"),
        ] as [(Unicode.Scalar, String)] {
            for scalar in accented.unicodeScalars { table[scalar] = letter }
        }
        return table
    }()
}
