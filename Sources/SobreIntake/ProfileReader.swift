public import JSON
public import SobreModel
public import SobreSettings
internal import Text
public import ZoneInfo

/// Reads a profile from JSON, as strictly as ``MessageReader``. Addresses must match their channel's syntax, and the
/// time zone must be known.
public struct ProfileReader: Sendable {
    /// The limits.
    public let limits: IntakeLimits
    private let zones: ZoneCatalogue

    public init(limits: IntakeLimits = IntakeLimits(), zones: ZoneCatalogue = .system) {
        self.limits = limits
        self.zones = zones
    }

    static let keys = [
        "id", "aliases", "locale", "timezone", "country", "addresses", "consents", "caps", "attributes",
    ]
    static let addressKeys = ["channel", "address", "provider", "platform"]

    /// Reads one profile.
    ///
    /// - Parameters:
    ///   - ref: the profile.
    ///   - id: the id in the request's path. The body may omit its id, but must not name another one.
    /// - Returns: the validated profile.
    /// - Throws: ``IntakeProblem`` with the name of the field.
    public func read(_ ref: JSONRef, id: String? = nil) throws(IntakeProblem) -> Profile {
        let fields = FieldReader(limits: limits)
        var profile = Profile(id: "")
        for (key, value) in try fields.object(ref, "a profile") {
            switch key.string {
            case "id": profile.id = try fields.text(value, atMost: limits.maxIDBytes, "the person's id")
            case "aliases": profile.aliases = try aliases(value, fields)
            case "caps": profile.caps = try caps(value, fields)
            case "locale": profile.locale = try locale(value, fields)
            case "timezone": profile.timezone = try timezone(value, fields)
            case "country": profile.country = try country(value, fields)
            case "addresses": profile.addresses = try addresses(value, fields)
            case "consents": profile.consents = try consents(value, fields)
            case "attributes":
                if let object = try fields.optionalObject(value, "{\"first_name\": \"Ann\"}") {
                    profile.attributes = object
                }
            default: throw fields.unknownKey(key, known: Self.keys)
            }
        }
        if let id {
            try IntakeProblem.checkName(id, field: "id", atMost: limits.maxIDBytes, "the person's id")
            // By bytes, as the store tells people apart.
            guard profile.id.isEmpty || profile.id.utf8.elementsEqual(id.utf8) else {
                throw IntakeProblem(
                    .invalidValue, field: "id",
                    message: "The body has the id \(quoted(profile.id)), but the path has \(quoted(id)).",
                    expected: "the same id in both, or no id in the body")
            }
            profile.id = id
        }
        guard !profile.id.isEmpty else { throw fields.missing("id", in: ref, "the person's id") }
        return profile
    }

    private func locale(_ ref: JSONRef, _ fields: FieldReader) throws(IntakeProblem) -> String? {
        guard let text = try fields.optionalText(ref, atMost: 35) else { return nil }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        let isTag = parts.enumerated().allSatisfy { index, part in
            (1...8).contains(part.utf8.count) && (index > 0 || part.utf8.count >= 2)
                && part.utf8.allSatisfy { $0.isASCIILetter || index > 0 && $0.isASCIIDigit }
        }
        guard isTag else {
            throw IntakeProblem(
                .invalidValue, field: ref.path, message: "\(quoted(text)) is not a language tag (BCP 47).",
                expected: "a tag such as fr-FR")
        }
        return text
    }

    private func timezone(_ ref: JSONRef, _ fields: FieldReader) throws(IntakeProblem) -> String? {
        guard let name = try fields.optionalText(ref, atMost: 64) else { return nil }
        guard zones.isKnown(name) else {
            throw IntakeProblem(
                .unknownTimeZone, field: ref.path, message: "There is no time zone \(quoted(name)).",
                expected: "an IANA name such as Europe/Paris")
        }
        return name
    }

    private func country(_ ref: JSONRef, _ fields: FieldReader) throws(IntakeProblem) -> String? {
        guard let code = try fields.optionalText(ref, atMost: 8) else { return nil }
        guard code.utf8.count == 2, code.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) else {
            throw IntakeProblem(
                .invalidValue, field: ref.path, message: "\(quoted(code)) is not a country code.",
                expected: "two capital letters (ISO 3166-1), such as FR")
        }
        return code
    }

    private func addresses(_ ref: JSONRef, _ fields: FieldReader) throws(IntakeProblem) -> [Address] {
        if ref.isNull { return [] }
        var addresses: [Address] = []
        for element in try fields.array(ref, atMost: limits.maxAddresses, "a list of addresses") {
            let address = try address(element, fields)
            if !addresses.contains(address) { addresses.append(address) }
        }
        return addresses
    }

    private func address(_ ref: JSONRef, _ fields: FieldReader) throws(IntakeProblem) -> Address {
        var channel: Channel?
        var value: (text: String, field: String)?
        var provider: String?
        var platform: String?
        for (key, member) in try fields.object(ref, "an address") {
            switch key.string {
            case "channel": channel = try fields.channel(member)
            case "address":
                value = (try fields.text(member, atMost: AddressGrammar.maxBytes, "an address"), member.path)
            case "provider": provider = try fields.optionalName(member)
            case "platform":
                if !member.isNull {
                    platform = try fields.choice(member, ["android", "ios", "web"]) {
                        ["android", "ios", "web"].contains($0) ? $0 : nil
                    }
                }
            default: throw fields.unknownKey(key, known: Self.addressKeys)
            }
        }
        guard let channel else { throw fields.missing("channel", in: ref, Channel.choice) }
        guard let value else { throw fields.missing("address", in: ref, AddressGrammar.example(of: channel)) }
        if let problem = AddressGrammar.problem(with: value.text, channel: channel) {
            throw IntakeProblem(
                .invalidValue, field: value.field, message: problem, expected: AddressGrammar.example(of: channel))
        }
        return Address(channel: channel, value: value.text, provider: provider, platform: platform)
    }

    private func consents(_ ref: JSONRef, _ fields: FieldReader) throws(IntakeProblem) -> [Consent] {
        if ref.isNull { return [] }
        let reader = ConsentReader(limits: limits)
        var consents: [Consent] = []
        for element in try fields.array(ref, atMost: limits.maxConsents, "a list of consents") {
            consents.append(try reader.read(element))
        }
        return consents
    }

    private func aliases(_ ref: JSONRef, _ fields: FieldReader) throws(IntakeProblem) -> [String] {
        if ref.isNull { return [] }
        var aliases: [String] = []
        for element in try fields.array(ref, atMost: limits.maxAliases, "a list of ids such as [\"anon-1\"]") {
            let alias = try fields.text(element, atMost: limits.maxIDBytes, "another id of the person")
            if !aliases.contains(alias) { aliases.append(alias) }
        }
        return aliases
    }
}
