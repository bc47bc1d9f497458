/// The text filters of the message dialect.
extension Machine {
    mutating func message(
        _ filter: Filter, _ input: Value, _ given: Arguments, _ data: TemplateData
    ) throws(Failure) -> Value {
        switch filter {
        case .currency, .number, .percent, .dateAdd, .daysUntil, .pluralize, .list, .translate:
            return try localized(filter, input, given, data)
        default: break
        }
        let value = try makeString(input)
        let text = value.text
        switch filter {
        case .titlecase, .initials, .mask, .smsSafe: try charge((text.count + 4) * Work.unicodeByte)
        case .md5, .sha256, .hmacSha256:
            try charge(Work.digest + (text.count + Int(given.first.count)) * Work.digestByte)
        default: break
        }
        switch filter {
        case .titlecase: return try string(Machine.titlecase(text.string), flags: value.flags)
        case .initials: return try string(Machine.initials(text.string))
        case .truncateGraphemes: return try truncateGraphemes(value, given)
        case .md5: return try hexadecimal(Digest.md5(text))
        case .sha256: return try hexadecimal(Digest.sha256(text))
        case .hmacSha256:
            return try hexadecimal(Digest.hmacSHA256(text, key: try makeString(given.first).text))
        case .urlParamEscape: return try percentEncode(text)
        case .mask: return try mask(text.string, given)
        case .smsSafe: return try string(SMSText.safe(text.string), flags: value.flags)
        case .utm: return try utm(value, given, data)
        default: return value
        }
    }

    private static func titlecase(_ text: String) -> String {
        var result = ""
        var startsWord = true
        for scalar in text.unicodeScalars {
            let isLetter = scalar.properties.isAlphabetic || scalar == "'" || scalar == "\u{2019}"
            if isLetter, scalar.properties.isAlphabetic {
                result += startsWord ? scalar.properties.titlecaseMapping : scalar.properties.lowercaseMapping
            } else {
                result.unicodeScalars.append(scalar)
            }
            startsWord = !isLetter && scalar.properties.numericType == nil
        }
        return result
    }

    /// Looks for words by bytes, because separators are ASCII: only the first character of a word is taken apart.
    private static func initials(_ text: String) -> String {
        let bytes = text.utf8
        var result = ""
        var index = text.startIndex
        while let start = bytes[index...].firstIndex(where: { !separatesWords($0) }) {
            index = bytes[start...].firstIndex(where: separatesWords) ?? text.endIndex
            if let first = text[start..<index].first { result += first.uppercased() }
        }
        return result
    }

    private static func separatesWords(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): true
        default: false
        }
    }

    private mutating func truncateGraphemes(_ value: Value, _ given: Arguments) throws(Failure) -> Value {
        let length = try integer(given.first)
        let ellipsis = given.count > 1 ? try makeString(given.second).text.string : "\u{2026}"
        try charge(ellipsis.utf8.count * Work.unicodeByte)
        let text = value.text.string
        // Only as many characters are taken apart as are kept, and one more to know whether there are any.
        let kept = max(0, length.addingClamped(-ellipsis.count))
        var end = text.startIndex
        var index = end
        var characters = 0
        while characters < max(0, length), index < text.endIndex {
            let next = text.index(after: index)
            try charge(text.utf8.distance(from: index, to: next) * Work.unicodeByte)
            index = next
            characters += 1
            if characters == kept { end = index }
        }
        guard index < text.endIndex else { return value }
        return try string(text[..<end] + ellipsis)
    }

    private mutating func hexadecimal(_ bytes: [UInt8]) throws(Failure) -> Value {
        let out = try room(bytes.count * 2)
        let digits: StaticString = "0123456789abcdef"
        for (index, byte) in bytes.enumerated() {
            out[index * 2] = digits.utf8Start[Int(byte >> 4)]
            out[index * 2 + 1] = digits.utf8Start[Int(byte & 15)]
        }
        return close(out, bytes.count * 2, bytes.count * 2, flags: Value.safe)
    }

    /// Percent-encodes everything except the unreserved characters of RFC 3986.
    private mutating func percentEncode(_ text: ByteSlice) throws(Failure) -> Value {
        let out = try room(text.count * 3)
        var length = 0
        for at in 0..<text.count {
            let byte = text[at]
            if isWord(byte) || byte == 0x2D || byte == 0x2E || byte == 0x7E {
                out[length] = byte
                length += 1
            } else {
                out[length] = 0x25
                out[length + 1] = hexadecimalDigits.utf8Start[Int(byte >> 4)]
                out[length + 2] = hexadecimalDigits.utf8Start[Int(byte & 15)]
                length += 3
            }
        }
        return close(out, text.count * 3, length, flags: Value.safe)
    }

    /// An address keeps its first letter and its domain. Any other text keeps its last characters (4 by default).
    private mutating func mask(_ text: String, _ given: Arguments) throws(Failure) -> Value {
        let shown = given.count > 0 ? max(0, try integer(given.first)) : 4
        if given.count == 0, let at = text.firstIndex(of: "@"), let first = text.first {
            return try string("\(first)***\(text[at...])")
        }
        let hidden = max(0, text.count - shown)
        return try string(String(repeating: "*", count: min(hidden, 64)) + text.suffix(shown))
    }

    /// Adds `utm_source` and similar parameters to a link, before its fragment. Named arguments: source, medium,
    /// campaign, term, content. One positional argument is the campaign.
    private mutating func utm(_ link: Value, _ given: Arguments, _ data: TemplateData) throws(Failure) -> Value {
        let text = link.text
        let fragment = text.index(of: 0x23, from: 0, to: text.count) ?? text.count
        let start = output.count
        output.append(text.slice(0, fragment))
        var separator: UInt8 = text.index(of: 0x3F, from: 0, to: fragment) == nil ? 0x3F : 0x26
        let names: [(StaticString, StaticString)] = [
            ("source", "utm_source="), ("medium", "utm_medium="), ("campaign", "utm_campaign="), ("term", "utm_term="),
            ("content", "utm_content="),
        ]
        for (name, parameter) in names {
            var value = try named(name, given, data)
            if value == nil, name.description == "campaign", given.count > 0 { value = given.first }
            guard let value, !value.isNil else { continue }
            output.append(separator)
            separator = 0x26
            output.append(parameter)
            output.append(try percentEncode(try makeString(value).text).text)
        }
        output.append(text.slice(fragment, text.count))
        return try takeOutput(from: start, flags: link.flags)
    }
}

extension ByteSlice {
    var bytes: [UInt8] { Array(UnsafeBufferPointer(start: base, count: count)) }
}
