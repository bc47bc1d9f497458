/// Filters that only Braze has, or that have another name there.
enum BrazeFilters {
    private static let names = [
        "as_json_string": "json", "number_with_delimiter": "number", "sha2": "sha256", "url_escape": "url_encode",
    ]

    /// Filters without an equivalent, and what to do about them.
    private static let lost = [
        "json_parse": "There is no 'json_parse': put the value into the message's data as JSON.",
        "hmac_sha1_hex": "There is no SHA-1 here: sign with hmac_sha256.",
        "hmac_sha1_base64": "There is no SHA-1 here: sign with hmac_sha256.",
        "sha1": "There is no SHA-1 here: use sha256.",
        "bucket_string": "There are no random buckets here: use a variant of the template.",
        "random_bucket_number": "There are no random buckets here: use a variant of the template.",
    ]

    /// Converts the filters of an expression. The second part says what could not be kept.
    static func converted(_ expression: String) -> (text: String, doubt: String?) {
        var parts = split(expression)
        guard parts.count > 1 else { return (expression, nil) }
        var doubts: [String] = []
        var index = 1
        while index < parts.count {
            let (name, arguments) = filter(parts[index])
            if let advice = lost[name] { doubts.append(advice) }
            if let known = names[name] { parts[index] = parts[index].replacing(name, with: known, maxReplacements: 1) }
            if name == "time_zone" {
                // The zone belongs to the date that is formatted next.
                let next = parts[(index + 1)...].firstIndex { filter($0).name == "date" }
                if let next, !arguments.isEmpty {
                    let text = parts[next]
                    let end = text.lastIndex { !$0.isWhitespace }.map { text.index(after: $0) } ?? text.endIndex
                    parts[next] = "\(text[..<end]), time_zone: \(arguments)\(text[end...])"
                    parts.remove(at: index)
                    continue
                }
                doubts.append("'time_zone' only works with 'date' here: | date: '%H', time_zone: \(arguments).")
            } else if name == "property_accessor", index == 1, !arguments.isEmpty {
                let value = parts[0]
                let end = value.lastIndex { !$0.isWhitespace }.map { value.index(after: $0) } ?? value.endIndex
                parts[0] = "\(value[..<end])[\(arguments)]\(value[end...])"
                parts.remove(at: index)
                continue
            }
            index += 1
        }
        let text = parts.joined(separator: "|")
        return (text, doubts.isEmpty ? nil : doubts.joined(separator: " "))
    }

    private static func filter(_ text: String) -> (name: String, arguments: String) {
        let trimmed = text.trimmed
        guard let colon = trimmed.firstIndex(of: ":") else { return (trimmed, "") }
        return (trimmed[..<colon].trimmed, trimmed[trimmed.index(after: colon)...].trimmed)
    }

    /// The parts between pipes, outside of strings.
    private static func split(_ text: String) -> [String] {
        var parts = [""]
        var quote: Character?
        for character in text {
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "'" || character == "\"" {
                quote = character
            } else if character == "|" {
                parts.append("")
                continue
            }
            parts[parts.count - 1].append(character)
        }
        return parts
    }
}
