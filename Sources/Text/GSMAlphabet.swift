/// The alphabet in which a text message takes 7 bits a character (3GPP TS 23.038 §6.2.1).
public enum GSMAlphabet {
    /// Whether a text has no other characters.
    public static func contains(_ text: String) -> Bool { text.unicodeScalars.allSatisfy { units(of: $0) != nil } }

    /// The number of septets of a character in the GSM 7-bit default alphabet and its extension; nil if it is in
    /// neither.
    public static func units(of scalar: Unicode.Scalar) -> Int? {
        switch scalar.value {
        case 0x20...0x5A: 1
        case 0x61...0x7A, 0x0A, 0x0D: 1
        case 0x5F: 1
        case 0x0C, 0x5B...0x5E, 0x7B...0x7E, 0x20AC: 2
        // £ ¥ è é ù ì ò Ç Ø ø Å å Δ Φ Γ Λ Ω Π Ψ Σ Θ Ξ Æ æ ß É ¤ ¡ Ä Ö Ñ Ü § ¿ ä ö ñ ü à
        case 0xA3, 0xA5, 0xE8, 0xE9, 0xF9, 0xEC, 0xF2, 0xC7, 0xD8, 0xF8, 0xC5, 0xE5, 0x394, 0x3A6, 0x393, 0x39B, 0x3A9,
            0x3A0, 0x3A8, 0x3A3, 0x398, 0x39E, 0xC6, 0xE6, 0xDF, 0xC9, 0xA4, 0xA1, 0xC4, 0xD6, 0xD1, 0xDC, 0xA7, 0xBF,
            0xE4, 0xF6, 0xF1, 0xFC, 0xE0:
            1
        default: nil
        }
    }
}
