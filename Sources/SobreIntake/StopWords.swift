/// The words that end and take up messages, by SMS and wherever recipients answer (CTIA; in the US FCC 24-24, 47 CFR §64.1200(a)(10)): a message counts
/// when it is nothing but the word, whatever its case, spaces, punctuation, accents and width.
public struct StopWords: Sendable, Hashable {
    /// What a message asks for.
    public enum Wish: Sendable, Hashable {
        case stop
        case start
    }

    private let stop: Set<String>

    private static let always = [
        "STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "ARRET",
    ]
    private static let start: Set<String> = ["START", "UNSTOP", "YES"]
    /// Longer messages are more than a word, in bytes.
    private static let maxBytes = 400

    /// - Parameter more: what the policy adds. A word that would also start is taken as one that stops.
    public init(adding more: [String] = []) {
        stop = Set((Self.always + more).map(Self.normalised)).subtracting([""])
    }

    /// What a message asks for; nil when it is something else.
    public func wish(of text: String) -> Wish? {
        guard text.utf8.count <= Self.maxBytes else { return nil }
        let word = Self.normalised(text)
        if stop.contains(word) { return .stop }
        return Self.start.contains(word) ? .start : nil
    }

    /// Letters and digits only, in upper case, full-width forms narrow, Latin letters without their accents.
    static func normalised(_ text: String) -> String {
        var word = ""
        for scalar in text.unicodeScalars {
            var scalar = scalar
            if (0xFF01...0xFF5E).contains(scalar.value), let narrow = Unicode.Scalar(scalar.value - 0xFEE0) {
                scalar = narrow
            }
            let properties = scalar.properties
            // A combining accent stands behind its letter and is none itself.
            guard properties.isAlphabetic || properties.numericType != nil, !properties.isDiacritic else { continue }
            word += properties.uppercaseMapping
        }
        return String(String.UnicodeScalarView(word.unicodeScalars.map { plain[$0] ?? $0 }))
    }

    /// Capital letters of Latin-1 and their neighbours, without accents.
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
