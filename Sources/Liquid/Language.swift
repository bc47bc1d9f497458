/// How a language formats numbers, dates and lists. The tables follow CLDR 46, so that ICU is not loaded.
struct Language: Sendable {
    /// The language subtag, for example `pt`.
    var code: String
    var decimal: String
    var group: String
    /// Numbers with fewer integer digits are not grouped.
    var firstGrouped = 4
    /// Whether the currency follows the number, after a no-break space.
    var currencyFollows = true
    /// The text between a leading currency sign and the number.
    var currencyGap = ""
    var percent = "%"
    var and: String
    var or: String
    /// Whether a comma precedes the last `and` of three or more.
    var serialComma = false
    var months: [String]
    var shortMonths: [String]
    var weekdays: [String]
    var shortWeekdays: [String]
    /// The patterns of `short`, `medium`, `long` and `full` dates, in strftime's directives.
    var patterns: [String]

    /// The language of a BCP 47 tag: `pt-BR`, then `pt`, then English.
    static func named(_ tag: String) -> Language {
        var tag = tag.lowercased().replacingUnderscores
        while true {
            if let language = LanguageTables.all[tag] { return language }
            guard let dash = tag.lastIndex(of: "-") else { break }
            tag = String(tag[..<dash])
        }
        return LanguageTables.english
    }

    /// The subtag for plural rules, also for languages without a table.
    static func code(of tag: String) -> String {
        String(tag.lowercased().replacingUnderscores.prefix { $0 != "-" })
    }
}

extension String {
    fileprivate var replacingUnderscores: String {
        // Most tags contain none and are returned without an allocation.
        utf8.contains(0x5F) ? String(map { $0 == "_" ? "-" : $0 }) : self
    }
}
