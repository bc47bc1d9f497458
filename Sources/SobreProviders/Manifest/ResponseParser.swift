internal import SobreModel
internal import Text
internal import YAMLDocument

/// Reads the `response:` of a manifest.
struct ResponseParser {
    private let mapping: YAMLMapping
    private let variableNames: [String]

    init(_ value: YAMLValue) throws(YAMLError) {
        mapping = try value.mapping()
        try mapping.checkKeys(known: ManifestKeys.response)
        variableNames = try mapping.mapping(ifPresent: "let")?.keys ?? []
    }

    func parse() throws(YAMLError) -> ResponsePlan {
        var variables: [ResponsePlan.Place] = []
        for entry in try mapping.mapping(ifPresent: "let")?.entries ?? [] {
            let place = try place(try entry.value.string(), entry.value)
            if case .variable = place { throw entry.value.error("a variable cannot refer to another variable") }
            variables.append(place)
        }
        let otherwise = try mapping.choice("otherwise", default: Outcome.Kind.permanentUnknown)
        guard otherwise.proof != .sent else {
            throw try mapping.require("otherwise").error("a response that matches no rule cannot be an acceptance")
        }
        var rules: [ResponsePlan.Rule] = []
        for value in try mapping.require("rules").list() { rules.append(try rule(value)) }
        return ResponsePlan(
            retryAfter: try places("retry_after"), variables: variables, rules: rules, otherwise: otherwise,
            detail: try places("detail"), deadSince: try places("dead_since"))
    }

    private func places(_ key: String) throws(YAMLError) -> [ResponsePlan.Place] {
        var places: [ResponsePlan.Place] = []
        for value in mapping[key]?.listOrOne ?? [] { places.append(try place(try value.string(), value)) }
        return places
    }

    private func rule(_ value: YAMLValue) throws(YAMLError) -> ResponsePlan.Rule {
        let rule = try value.mapping()
        try rule.checkKeys(known: ["when", "outcome", "id", "common_cause"])
        var conditions: [(place: ResponsePlan.Place, matcher: ResponsePlan.Matcher)] = []
        for entry in try rule.require("when").mapping().entries {
            let place = try place(entry.key, entry.value)
            conditions.append((place, try matcher(entry.value, of: place)))
        }
        guard !conditions.isEmpty else { throw try rule.require("when").error("a rule needs a condition") }
        let outcome: Outcome.Kind = try rule.require("outcome").choice()
        var id = ResponsePlan.ID.unstated
        if let value = rule["id"] {
            let text = try value.string()
            id = text == "none" ? .none : .place(try place(text, value))
        }
        if outcome.proof == .sent, id == .unstated {
            throw value.error(
                "an acceptance must say where the provider's id is",
                help: "add id: json:NAME or id: header:NAME; id: none where the provider gives none")
        }
        var hasCommonCause = false
        if let value = rule["common_cause"] {
            hasCommonCause = try value.bool()
            guard !hasCommonCause || outcome.fault == .recipient || outcome.fault == .message else {
                throw value.error("only what a recipient or a message is to blame for can have a common cause")
            }
        }
        return ResponsePlan.Rule(conditions: conditions, outcome: outcome, id: id, hasCommonCause: hasCommonCause)
    }

    private func place(_ text: String, _ value: YAMLValue) throws(YAMLError) -> ResponsePlan.Place {
        if text == "status" { return .status }
        if text == "text" { return .text }
        if text.hasPrefix("header:") { return .header(String(text.dropFirst(7)).lowercased()) }
        if text.hasPrefix("xml:") {
            let name = String(text.dropFirst(4))
            guard !name.isEmpty, name.utf8.allSatisfy(\.isASCIIAlphanumeric) else {
                throw value.error("\"\(text)\" is not an element's name", help: "write xml:NAME")
            }
            return .xml(name)
        }
        if text.hasPrefix("json:") {
            do {
                return .json(try JSONPath(String(text.dropFirst(5))))
            } catch {
                throw value.error(error.message, help: error.help)
            }
        }
        if text.hasPrefix("let:") {
            let name = String(text.dropFirst(4))
            guard let index = variableNames.firstIndex(of: name) else {
                throw value.error(
                    "\"let:\(name)\" is not defined",
                    help: Suggestion.closest(to: name, among: variableNames)
                        .map { "did you mean \"let:\($0)\"?" } ?? "define it under response.let")
            }
            return .variable(index)
        }
        throw value.error(
            "\"\(text)\" is not a place in a response",
            help: "write status, text, header:NAME, json:PATH, xml:NAME or let:NAME")
    }

    private func matcher(_ value: YAMLValue, of place: ResponsePlan.Place) throws(YAMLError) -> ResponsePlan.Matcher {
        if place == .status { return try statusMatcher(value) }
        if case .scalar(let text, _) = value.content {
            if text == "present" { return .present }
            if text == "absent" { return .absent }
            if text.hasPrefix("~") {
                do {
                    return .pattern(try TextPattern(String(text.dropFirst())))
                } catch {
                    throw value.error(error.message, help: error.help)
                }
            }
        }
        return .equals(try value.strings())
    }

    private func statusMatcher(_ value: YAMLValue) throws(YAMLError) -> ResponsePlan.Matcher {
        var classes: [Int] = []
        var codes: [Int] = []
        for element in value.listOrOne {
            let text = try element.string()
            if text.hasSuffix("xx"), text.utf8.count == 3, let digit = Int(text.prefix(1)), (1...5).contains(digit) {
                classes.append(digit)
            } else if let code = Int(text), (100...599).contains(code) {
                codes.append(code)
            } else {
                throw element.error("\"\(text)\" is not a status", help: "write 200, 2xx or [401, 403]")
            }
        }
        return .status(classes: classes, codes: codes)
    }
}
