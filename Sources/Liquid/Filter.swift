/// Every filter, by number. The machine switches over it.
enum Filter: UInt8, CaseIterable {
    case abs, append, atLeast, atMost, base64Decode, base64Encode, base64UrlSafeDecode, base64UrlSafeEncode
    case capitalize, ceil, compact, concat, date, `default`, dividedBy, downcase, escape, escapeOnce, find, findIndex
    case first, floor, has, join, last, lstrip, map, minus, modulo, newlineToBr, plus, prepend, reject, remove
    case removeFirst, removeLast, replace, replaceFirst, replaceLast, reverse, round, rstrip, size, slice, sort
    case sortNatural, split, squish, strip, stripHtml, stripNewlines, sum, times, truncate, truncatewords, uniq
    case upcase, urlDecode, urlEncode, `where`
    // The message dialect.
    case raw, json, titlecase, initials, truncateGraphemes, md5, sha256, hmacSha256, urlParamEscape, mask, smsSafe
    case currency, number, percent, dateAdd, daysUntil, pluralize, list, utm, translate

    /// The name and the fewest and most positional arguments, in the order of the cases.
    private static let table: [(name: StaticString, least: UInt8, most: UInt8)] = [
        ("abs", 0, 0), ("append", 1, 1), ("at_least", 1, 1), ("at_most", 1, 1), ("base64_decode", 0, 0),
        ("base64_encode", 0, 0), ("base64_url_safe_decode", 0, 0), ("base64_url_safe_encode", 0, 0),
        ("capitalize", 0, 0), ("ceil", 0, 0), ("compact", 0, 1), ("concat", 1, 1), ("date", 1, 1), ("default", 0, 2),
        ("divided_by", 1, 1), ("downcase", 0, 0), ("escape", 0, 0), ("escape_once", 0, 0), ("find", 1, 2),
        ("find_index", 1, 2), ("first", 0, 0), ("floor", 0, 0), ("has", 1, 2), ("join", 0, 1), ("last", 0, 0),
        ("lstrip", 0, 0), ("map", 1, 1), ("minus", 1, 1), ("modulo", 1, 1), ("newline_to_br", 0, 0), ("plus", 1, 1),
        ("prepend", 1, 1), ("reject", 1, 2), ("remove", 1, 1), ("remove_first", 1, 1), ("remove_last", 1, 1),
        ("replace", 1, 2), ("replace_first", 1, 2), ("replace_last", 2, 2), ("reverse", 0, 0), ("round", 0, 1),
        ("rstrip", 0, 0), ("size", 0, 0), ("slice", 1, 2), ("sort", 0, 1), ("sort_natural", 0, 1), ("split", 1, 1),
        ("squish", 0, 0), ("strip", 0, 0), ("strip_html", 0, 0), ("strip_newlines", 0, 0), ("sum", 0, 1),
        ("times", 1, 1), ("truncate", 0, 2), ("truncatewords", 0, 2), ("uniq", 0, 1), ("upcase", 0, 0),
        ("url_decode", 0, 0), ("url_encode", 0, 0), ("where", 1, 2),
        ("raw", 0, 0), ("json", 0, 0), ("titlecase", 0, 0), ("initials", 0, 0), ("truncate_graphemes", 1, 2),
        ("md5", 0, 0), ("sha256", 0, 0), ("hmac_sha256", 1, 1), ("url_param_escape", 0, 0), ("mask", 0, 1),
        ("sms_safe", 0, 0), ("currency", 0, 1), ("number", 0, 1), ("percent", 0, 1), ("date_add", 1, 2),
        ("days_until", 0, 0), ("pluralize", 1, 2), ("list", 0, 1), ("utm", 0, 1), ("t", 0, 0),
    ]

    /// The names by number; `h`, the other name of `escape`, comes last. They point into the binary.
    private static let byName: SymbolTable = {
        var names = SymbolTable()
        for entry in table {
            _ = names.intern(ByteSlice(base: entry.name.utf8Start, count: entry.name.utf8CodeUnitCount))
        }
        let short: StaticString = "h"
        _ = names.intern(ByteSlice(base: short.utf8Start, count: short.utf8CodeUnitCount))
        return names
    }()

    static let allNames: [String] = table.map { $0.name.description }

    static func named(_ name: ByteSlice) -> Filter? {
        guard let number = byName.find(name) else { return nil }
        return Filter(rawValue: UInt8(number)) ?? .escape
    }

    var name: String { Filter.table[Int(rawValue)].name.description }
    var leastArguments: Int { Int(Filter.table[Int(rawValue)].least) }
    var mostArguments: Int { Int(Filter.table[Int(rawValue)].most) }

    /// Whether it is not part of Shopify/liquid.
    var isExtension: Bool { rawValue >= Filter.raw.rawValue }
}
