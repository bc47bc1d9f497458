import SobreModel
import YAMLDocument

/// From which sender a provider of SMS sends to a country, or to numbers that begin alike.
///
/// ```yaml
/// senders:
///   - {to: [US, CA], from: "+12025550100"}
///   - {to: [FR, BE], from: LARKSPUR}
///   - {to: "+91", alphanumeric: false}
/// ```
public struct SenderRule: Hashable, Sendable {
    /// Numbers that a rule is for.
    public enum Destination: Hashable, Sendable {
        /// Those of a country, by its ISO 3166 code.
        case country(String)
        /// Those that begin with these digits; none: all.
        case prefix(String)
    }

    public var destinations: [Destination]
    /// The sender in place of the template's; nil: the template's.
    public var from: String?
    /// Whether a name may be the sender.
    public var allowsAlphanumeric: Bool

    /// Makes a rule.
    public init(to destinations: [Destination], from: String? = nil, allowsAlphanumeric: Bool = true) {
        self.destinations = destinations
        self.from = from
        self.allowsAlphanumeric = allowsAlphanumeric
    }

    /// Reads one rule.
    ///
    /// - Parameter value: a mapping with `to` and at least one of `from` and `alphanumeric`.
    /// - Throws: `YAMLError` with the position of the invalid value.
    init(_ value: YAMLValue) throws(YAMLError) {
        let mapping = try value.mapping()
        try mapping.checkKeys(known: ["to", "from", "alphanumeric"])
        destinations = []
        for entry in try mapping.require("to").listOrOne { destinations.append(try Self.destination(entry)) }
        guard !destinations.isEmpty else {
            throw value.error("the rule is for no destination", help: "write {to: FR, from: LARKSPUR}")
        }
        from = try mapping.string(ifPresent: "from")
        allowsAlphanumeric = try mapping.bool("alphanumeric", default: true)
        guard from != nil || mapping.contains("alphanumeric") else {
            throw value.error("the rule says nothing about the sender", help: "add from: or alphanumeric: false")
        }
        guard let from else { return }
        guard let kind = SenderKind.allCases.first(where: { $0.matches(from) }) else {
            throw value.error(
                "\"\(from)\" is not a sender",
                help: "write a number such as \"+12025550100\", a short code, or a name of at most 11 letters, digits, "
                    + "spaces and hyphens with a letter in it")
        }
        guard allowsAlphanumeric || kind != .alphanumeric else {
            throw value.error(
                "the rule has the name \"\(from)\" as sender and forbids names",
                help: "give a number, or remove alphanumeric: false")
        }
    }

    private static func destination(_ value: YAMLValue) throws(YAMLError) -> Destination {
        let text = try value.string()
        if text.hasPrefix("+"), text.utf8.count <= 16, text.utf8.dropFirst().allSatisfy({ $0 &- 0x30 < 10 }) {
            return .prefix(String(text.dropFirst()))
        }
        let code = text.uppercased()
        guard CallingCodes.knows(country: code) else {
            throw value.error(
                "\"\(text)\" is neither a country nor the beginning of a number",
                help: "write an ISO 3166 code such as FR, or digits in quotes such as \"+1787\"")
        }
        return .country(code)
    }
}

extension [SenderRule] {
    /// The rule for a number: that of the longest beginning, else that of the country, else the one for all numbers.
    ///
    /// - Parameter number: a number in the form of E.164.
    /// - Returns: the rule; of equal ones the first; nil if there is none.
    public func rule(for number: String) -> SenderRule? {
        var best: (rule: SenderRule, weight: Int)?
        let country = CallingCodes.country(of: number)
        for rule in self {
            for destination in rule.destinations {
                let weight =
                    switch destination {
                    case .country(let code): code == country ? 1 : nil as Int?
                    case .prefix(""): number.hasPrefix("+") ? 0 : nil
                    case .prefix(let digits): number.hasPrefix("+" + digits) ? 1 + digits.utf8.count : nil
                    }
                if let weight, weight > best?.weight ?? -1 { best = (rule, weight) }
            }
        }
        return best?.rule
    }
}
