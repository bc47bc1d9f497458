/// How a language writes numbers, dates and lists. Own tables after CLDR 46, so that no ICU is loaded.
struct Language: Sendable {
    /// The language subtag, for example `pt`.
    var code: String
    var decimal: String
    var group: String
    /// Numbers with fewer digits before the point than this are not grouped.
    var firstGrouped = 4
    /// Where the currency stands: `true` behind the number, after a no-break space.
    var currencyFollows = true
    /// Between a currency sign in front and the number.
    var currencyGap = ""
    var percent = "%"
    var and: String
    var or: String
    /// A comma before the last `and` of three or more.
    var serialComma = false
    var months: [String]
    var shortMonths: [String]
    var weekdays: [String]
    var shortWeekdays: [String]
    /// Patterns for `short`, `medium`, `long` and `full` dates, in strftime's directives.
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

    /// The subtag by which plural rules go, also for languages without a table.
    static func code(of tag: String) -> String {
        String(tag.lowercased().replacingUnderscores.prefix { $0 != "-" })
    }
}

extension String {
    fileprivate var replacingUnderscores: String {
        // Most tags hold none, and stay without an allocation.
        utf8.contains(0x5F) ? String(map { $0 == "_" ? "-" : $0 }) : self
    }
}
