/// The opt-out and opt-in keywords of inbound messages (CTIA; in the US FCC 24-24, 47 CFR §64.1200(a)(10)), whatever their
/// case, spaces, punctuation, accents and width.
///
/// An opt-out keyword counts when the message begins with it, whatever follows: "Stop. Thank you". An opt-in keyword
/// counts only alone.
public struct OptOutKeywords: Sendable, Hashable {
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
    /// The beginning of a message in which a keyword is looked for, in Unicode scalars.
    private static let maxScalars = 400
    /// The most pieces into which punctuation and spaces cut a keyword: "opt out", "S.T.O.P".
    private static let maxPieces = 4

    /// - Parameter more: additional opt-out keywords from the policy. A keyword that is also an opt-in keyword opts
    ///   out.
    public init(adding more: [String] = []) {
        stop = Set((Self.always + more).map(Self.normalised)).subtracting([""])
    }

    /// What a message asks for; nil if it is not a keyword.
    public func wish(of text: String) -> Wish? {
        let begin = text.unicodeScalars.prefix(Self.maxScalars)
        let pieces = begin.split { !Self.isLetterOrDigit($0) && !$0.properties.isDiacritic }
            .lazy.map { Self.normalised(String($0)) }.filter { !$0.isEmpty }.prefix(Self.maxPieces)
        var word = ""
        for piece in pieces {
            word += piece
            if stop.contains(word) { return .stop }
        }
        return begin.count == text.unicodeScalars.count && Self.start.contains(Self.normalised(text)) ? .start : nil
    }

    private static func isLetterOrDigit(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }

    /// Letters and digits only, in upper case, with full-width forms narrowed and Latin letters without accents.
    static func normalised(_ text: String) -> String {
        var word = ""
        for scalar in text.unicodeScalars {
            var scalar = scalar
            if (0xFF01...0xFF5E).contains(scalar.value), let narrow = Unicode.Scalar(scalar.value - 0xFEE0) {
                scalar = narrow
            }
            // Skips combining accents, which follow their letter.
            guard isLetterOrDigit(scalar), !scalar.properties.isDiacritic else { continue }
            word += scalar.properties.uppercaseMapping
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
