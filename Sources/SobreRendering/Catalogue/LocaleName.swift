internal import Text

/// The name of a folder of translations: a language tag such as `fr` or `pt-BR` (BCP 47).
enum LocaleName {
    /// The tag in lower case with dashes, as profiles are compared; nil if the name is not a tag.
    ///
    /// - Parameter name: the folder's name; `fr_FR` means `fr-fr`.
    /// - Returns: the form under which words are looked for.
    static func normal(_ name: some StringProtocol) -> String? {
        let tag = name.lowercased().replacing("_", with: "-")
        let parts = tag.split(separator: "-", omittingEmptySubsequences: false)
        guard let language = parts.first, isLanguage(language) else { return nil }
        for part in parts.dropFirst() {
            let bytes = part.utf8
            guard (1...8).contains(bytes.count),
                bytes.allSatisfy({ $0 &- 0x61 < 26 || $0 &- 0x30 < 10 })
            else { return nil }
        }
        return tag
    }

    /// What a folder should be called that is not a tag; empty without a guess.
    static func suggestion(for name: String) -> String {
        let wanted = name.lowercased()
        if let code = commonMistakes[wanted] { return " Did you mean \(code)?" }
        return ""
    }

    private static func isLanguage(_ code: Substring) -> Bool {
        switch code.utf8.count {
        case 2: languages.contains(String(code))
        // Languages with two letters are never named by three.
        case 3: code.utf8.allSatisfy { $0 &- 0x61 < 26 } && commonMistakes[String(code)] == nil
        default: false
        }
    }

    /// ISO 639-1.
    private static let languages = Set(
        ("aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el "
            + "en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu "
            + "ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na "
            + "nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so "
            + "sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu")
            .split(separator: " ").map(String.init))

    /// Names of languages and countries, and the three letters of languages that have two.
    private static let commonMistakes = [
        "english": "en", "eng": "en", "us": "en-US", "gb": "en-GB", "french": "fr", "francais": "fr", "français": "fr",
        "fra": "fr", "fre": "fr", "german": "de", "deutsch": "de", "deu": "de", "ger": "de", "at": "de-AT",
        "spanish": "es", "espanol": "es", "español": "es", "spa": "es", "mx": "es-MX", "italian": "it",
        "italiano": "it",
        "ita": "it", "portuguese": "pt", "por": "pt", "brazil": "pt-BR", "dutch": "nl", "nederlands": "nl", "nld": "nl",
        "dut": "nl", "danish": "da", "dk": "da", "dan": "da", "swedish": "sv", "swe": "sv", "norwegian": "nb",
        "nor": "nb",
        "nob": "nb", "finnish": "fi", "fin": "fi", "polish": "pl", "pol": "pl", "czech": "cs", "cz": "cs", "ces": "cs",
        "cze": "cs", "greek": "el", "gr": "el", "ell": "el", "gre": "el", "japanese": "ja", "jp": "ja", "jpn": "ja",
        "chinese": "zh", "cn": "zh", "zho": "zh", "chi": "zh", "korean": "ko", "kor": "ko", "russian": "ru",
        "rus": "ru",
        "ukrainian": "uk", "ua": "uk", "ukr": "uk", "turkish": "tr", "tur": "tr", "arabic": "ar", "ara": "ar",
        "hebrew": "he", "iw": "he", "heb": "he", "vietnamese": "vi", "vn": "vi", "vie": "vi",
    ]
}
