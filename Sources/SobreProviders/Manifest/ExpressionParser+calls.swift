/// The functions after the `|` of an expression.
extension ExpressionParser {
    func call(_ text: String) throws(ExpressionError) -> (name: String, function: ExpressionFunction) {
        guard let open = text.firstIndex(of: "(") else { return (text, try function(text, argument: nil)) }
        guard text.last == ")" else { throw ExpressionError("\"\(text)\" lacks its closing bracket") }
        let name = Self.trimmed(String(text[..<open]))
        let argument = Self.trimmed(String(text[text.index(after: open)...].dropLast()))
        return (name, try function(name, argument: argument))
    }

    private func function(_ name: String, argument: String?) throws(ExpressionError) -> ExpressionFunction {
        let plain: ExpressionFunction? =
            switch name {
            case "mailbox": .mailbox
            case "rfc2047": .rfc2047
            case "noplus": .noplus
            case "lower": .lower
            case "first": .first
            case "json": .json
            case "parse_json": .parseJSON
            case "b64": .base64
            case "unb64": .unbase64
            case "utf8": .utf8
            case "unless_number": .unlessNumber
            case "sha1_hex": .sha1Hex
            case "sha256_hex": .sha256Hex
            case "sha256_b64": .sha256Base64
            case "uuid": .uuid
            case "http_date": .httpDate
            case "seconds_s": .secondsS
            default: nil
            }
        if let plain {
            guard argument == nil else { throw ExpressionError("\(name) takes no argument") }
            return plain
        }
        guard ExpressionFunction.names.contains(name) else {
            throw ExpressionError(
                "the function \"\(name)\" is not known", help: Self.hint(name, among: ExpressionFunction.names))
        }
        guard let argument, !argument.isEmpty else { throw ExpressionError("\(name) needs an argument") }
        switch name {
        case "map": return .map(try function(argument, argument: nil))
        case "truncate_utf8":
            guard let limit = Int(argument), limit > 0 else {
                throw ExpressionError("truncate_utf8 needs a number of bytes")
            }
            return .truncateUTF8(limit)
        case "join":
            guard let separator = Self.unquoted(argument) else {
                throw ExpressionError("join needs a quoted text: join(', ')")
            }
            return .join(separator)
        case "pick": return .pick(try Self.choices(argument))
        case "then": return .then(try self.argument(argument))
        case "suffix": return .suffix(try self.argument(argument))
        case "unless_gsm": return .unlessGSM(try self.argument(argument))
        case "hmac_sha256_hex": return .hmacSHA256Hex(try self.argument(argument))
        case "hmac_sha256_b64": return .hmacSHA256Base64(try self.argument(argument))
        case "hmac_sha1_b64": return .hmacSHA1Base64(try self.argument(argument))
        default: return .fallback(try self.argument(argument))
        }
    }

    /// `'WORD=VALUE, WORD=VALUE'`.
    private static func choices(_ argument: String) throws(ExpressionError) -> [(word: [UInt8], value: [UInt8])] {
        let problem = ExpressionError("pick needs words and values: pick('high=10, normal=5')")
        guard let text = unquoted(argument) else { throw problem }
        var choices: [(word: [UInt8], value: [UInt8])] = []
        for pair in text.split(separator: ",") {
            let parts = pair.split(separator: "=", maxSplits: 1).map { trimmed(String($0)) }
            guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { throw problem }
            choices.append((Array(parts[0].utf8), Array(parts[1].utf8)))
        }
        guard !choices.isEmpty else { throw problem }
        return choices
    }

    /// A quoted text or a path.
    private func argument(_ text: String) throws(ExpressionError) -> Template {
        if let literal = Self.unquoted(text) { return Template(parts: [.text(Array(literal.utf8))]) }
        return Template(parts: [.expression(try expression(text))])
    }

    private static func unquoted(_ text: String) -> String? {
        guard text.count >= 2, let quote = text.first, quote == "'" || quote == "\"", text.last == quote else {
            return nil
        }
        return String(text.dropFirst().dropLast())
    }

    /// Splits a text outside quotes and brackets.
    static func split(_ text: String, at separator: Character) -> [String] {
        var pieces = [""]
        var quote: Character?
        var depth = 0
        for character in text {
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "'" || character == "\"" {
                quote = character
            } else if character == "(" {
                depth += 1
            } else if character == ")" {
                depth -= 1
            } else if character == separator, depth == 0 {
                pieces.append("")
                continue
            }
            pieces[pieces.count - 1].append(character)
        }
        return pieces
    }

    static func trimmed(_ text: String) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
