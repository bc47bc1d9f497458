/// Converts text to the 7-bit alphabet of GSM 03.38, so that a message keeps its 160 characters per segment.
public enum SMSText {
    /// Keeps each character that is in the alphabet and replaces others by the closest one. A character without a
    /// close one is kept, and the message then needs UCS-2.
    ///
    /// Greek becomes the capitals that the alphabet has, and Latin ones where a Greek capital looks like one, as operators
    /// in Greece do. Scripts without such a convention are kept.
    ///
    /// - Parameter text: the text, in which letters with accents are one character each.
    /// - Returns: the text with replacements.
    public static func safe(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if isGSM(scalar) {
                result.unicodeScalars.append(scalar)
            } else if let near = replacements[scalar] {
                result += near
            } else if scalar.value >= 0x300 && scalar.value <= 0x36F {
                // A combining mark whose base character has been written.
                continue
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Whether the basic alphabet or its extension table contains the character.
    static func isGSM(_ scalar: Unicode.Scalar) -> Bool { alphabet.contains(scalar) }

    private static let alphabet = Set(
        ("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
            + "abcdefghijklmnopqrstuvwxyzäöñüà\u{0C}^{}\\[~]|€").unicodeScalars)

    private static let replacements: [Unicode.Scalar: String] = {
        var table: [Unicode.Scalar: String] = [
            "\u{2018}": "'", "\u{2019}": "'", "\u{201A}": "'", "\u{201B}": "'", "\u{201C}": "\"", "\u{201D}": "\"",
            "\u{201E}": "\"", "\u{00AB}": "\"", "\u{00BB}": "\"", "\u{2039}": "'", "\u{203A}": "'", "\u{2013}": "-",
            "\u{2014}": "-", "\u{2012}": "-", "\u{2010}": "-", "\u{2011}": "-", "\u{2212}": "-", "\u{2026}": "...",
            "\u{00A0}": " ", "\u{202F}": " ", "\u{2009}": " ", "\u{200A}": " ", "\u{2002}": " ", "\u{2003}": " ",
            "\u{200B}": "", "\u{FEFF}": "", "\u{200D}": "", "\u{FE0F}": "", "\u{2022}": "*", "\u{00B7}": "*",
            "\u{00D7}": "x", "\u{00F7}": "/", "\u{2190}": "<-", "\u{2192}": "->", "\u{00A9}": "(c)", "\u{00AE}": "(R)",
            "\u{2122}": "TM", "\u{00B0}": "o", "\u{00BA}": "o", "\u{00AA}": "a", "\u{00B4}": "'", "`": "'",
            "\t": " ", "\u{00BD}": "1/2", "\u{00BC}": "1/4", "\u{00BE}": "3/4", "\u{0153}": "oe", "\u{0152}": "OE",
            "\u{0142}": "l", "\u{0141}": "L", "\u{0111}": "d", "\u{0110}": "D", "\u{00F0}": "d", "\u{00D0}": "D",
            "\u{00FE}": "th", "\u{00DE}": "Th", "\u{0131}": "i", "\u{0130}": "I", "\u{1E9E}": "SS",
        ]
        let families: [(String, String)] = [
            ("áâãāăąǎ", "a"), ("ÀÁÂÃĀĂĄǍ", "A"), ("çćĉċč", "c"), ("ĆĈĊČ", "C"), ("ďḍ", "d"), ("ĎḌ", "D"),
            ("êëēĕėęěẽ", "e"), ("ÈÊËĒĔĖĘĚẼ", "E"), ("ĝğġģ", "g"), ("ĜĞĠĢ", "G"), ("ĥħ", "h"), ("ĤĦ", "H"),
            ("íîïĩīĭįǐ", "i"), ("ÌÍÎÏĨĪĬĮǏ", "I"), ("ĵ", "j"), ("Ĵ", "J"), ("ķ", "k"), ("Ķ", "K"), ("ĺļľŀ", "l"),
            ("ĹĻĽĿ", "L"), ("ńņňŋ", "n"), ("ŃŅŇŊ", "N"), ("óôõōŏőǒ", "o"), ("ÒÓÔÕŌŎŐǑ", "O"), ("ŕŗř", "r"),
            ("ŔŖŘ", "R"), ("śŝşšș", "s"), ("ŚŜŞŠȘ", "S"), ("ţťŧț", "t"), ("ŢŤŦȚ", "T"), ("úûũūŭůűųǔ", "u"),
            ("ÙÚÛŨŪŬŮŰŲǓ", "U"),
            ("ạảấầẩẫậắằẳẵặ", "a"), ("ẠẢẤẦẨẪẬẮẰẲẴẶ", "A"), ("ẹẻếềểễệ", "e"), ("ẸẺẾỀỂỄỆ", "E"), ("ịỉ", "i"), ("ỊỈ", "I"),
            ("ọỏốồổỗộơớờởỡợ", "o"), ("ỌỎỐỒỔỖỘƠỚỜỞỠỢ", "O"), ("ụủưứừửữự", "u"), ("ỤỦƯỨỪỬỮỰ", "U"), ("ỳỵỷỹ", "y"),
            ("ỲỴỶỸ", "Y"),
            ("αάΑΆ", "A"), ("βΒ", "B"), ("γ", "Γ"), ("δ", "Δ"), ("εέΕΈ", "E"), ("ζΖ", "Z"), ("ηήΗΉ", "H"), ("θ", "Θ"),
            ("ιίϊΐΙΊΪ", "I"), ("κΚ", "K"), ("λ", "Λ"), ("μΜµ", "M"), ("νΝ", "N"), ("ξ", "Ξ"), ("οόΟΌ", "O"), ("π", "Π"),
            ("ρΡ", "P"), ("σς", "Σ"), ("τΤ", "T"), ("υύϋΰΥΎΫ", "Y"), ("φ", "Φ"), ("χΧ", "X"), ("ψ", "Ψ"), ("ωώΏ", "Ω"),
            ("ŵ", "w"), ("Ŵ", "W"), ("ýÿŷ", "y"), ("ÝŶŸ", "Y"), ("źżž", "z"), ("ŹŻŽ", "Z"),
        ]
        for (letters, plain) in families { for letter in letters.unicodeScalars { table[letter] = plain } }
        return table
    }()
}
