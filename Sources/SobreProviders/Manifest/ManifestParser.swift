internal import SobreDelivery
internal import SobreModel
import SobreSettings
internal import YAMLDocument

/// Reads one manifest.
struct ManifestParser {
    static let keys = [
        "manifest", "name", "channel", "version", "docs", "evidence", "settings", "endpoint", "auth", "signature",
        "transport", "limits", "capabilities", "idempotency", "request", "response", "receipts", "examples",
    ]

    let root: YAMLMapping
    let scope: ExpressionScope
    private let settings: [ManifestSetting]
    private let channels: Set<Channel>

    init(_ value: YAMLValue) throws(YAMLError) {
        root = try value.mapping()
        try root.checkKeys(known: Self.keys)
        guard try root.require("manifest").int() == 1 else {
            throw try root.require("manifest").error(
                "this manifest version is not supported", help: "write manifest: 1")
        }
        channels = try Self.channels(try root.require("channel"))
        settings = try Self.settings(root["settings"])
        scope = ExpressionScope(channels: channels, settings: settings)
    }

    func parse(file: String) throws(YAMLError) -> Manifest {
        let endpoint = try template(try root.require("endpoint"), .settings)
        let auth = try root.read("auth") { value throws(YAMLError) in try parseAuth(value) } ?? .none
        let signing = try root.read("signature") { value throws(YAMLError) in try parseSignature(value) }
        let receipts = try root.read("receipts") { value throws(YAMLError) in try parseReceipts(value) }
        let request = try parseRequest(try root.require("request"))
        let response = try ResponseParser(try root.require("response")).parse()
        var examples: [ManifestExample] = []
        for value in try root.list("examples") { examples.append(try ExampleParser.parse(value)) }
        let transport = try root.mapping(ifPresent: "transport")
        try transport?.checkKeys(known: ["http", "timeout"])
        var limits =
            try root.read("limits") { value throws(YAMLError) in try ProviderLimits(value) } ?? ProviderLimits()
        limits.timeout =
            try transport?.duration(ifPresent: "timeout", in: .milliseconds(100)...(.seconds(120))) ?? limits.timeout
        return Manifest(
            name: try root.string("name"), channels: channels, version: try root.string(ifPresent: "version"),
            docs: try root.string(ifPresent: "docs"), evidence: try root.string(ifPresent: "evidence"),
            settings: settings,
            capabilities: try root.read("capabilities") { value throws(YAMLError) in try Self.capabilities(value) }
                ?? ProviderCapabilities(),
            limits: limits, idempotency: try root.string("idempotency", default: "none"), endpoint: endpoint,
            httpVersion: try Self.version(transport), auth: auth, signingSecret: signing,
            receipts: receipts, request: request,
            response: response, examples: examples, slots: scope.slots, file: file)
    }

    /// Compiles a text. An error is reported at the text's position.
    func template(_ value: YAMLValue, _ place: ExpressionPlace) throws(YAMLError) -> Template {
        let text = try value.string()
        do {
            return try ExpressionParser(scope: scope, place: place).template(text)
        } catch {
            throw value.error(error.message, help: error.help)
        }
    }

    // MARK: - Parts

    private static func channels(_ value: YAMLValue) throws(YAMLError) -> Set<Channel> {
        var channels: Set<Channel> = []
        for name in try value.strings() {
            if name == "any" { return Set(Channel.allCases) }
            guard let channel = Channel(name: name) else {
                throw value.unknownName(name, known: Channel.names + ["any"])
            }
            channels.insert(channel)
        }
        return channels
    }

    private static func settings(_ value: YAMLValue?) throws(YAMLError) -> [ManifestSetting] {
        guard let value else { return [] }
        var settings: [ManifestSetting] = []
        for entry in try value.mapping().entries {
            guard !entry.value.isNull else {
                settings.append(
                    ManifestSetting(name: entry.key, isSecret: false, isOptional: false, isJSON: false, fallback: nil))
                continue
            }
            let mapping = try entry.value.mapping()
            try mapping.checkKeys(known: ["secret", "optional", "json", "default"])
            let fallback = try mapping.string(ifPresent: "default")
            settings.append(
                ManifestSetting(
                    name: entry.key, isSecret: try mapping.bool("secret", default: false),
                    isOptional: try mapping.bool("optional", default: false) || fallback != nil,
                    isJSON: try mapping.bool("json", default: false), fallback: fallback))
        }
        return settings
    }

    private static func version(_ transport: YAMLMapping?) throws(YAMLError) -> HTTPCall.Version {
        guard let value = transport?["http"] else { return .http1 }
        let text = try value.string()
        guard let version = HTTPCall.Version(rawValue: text) else {
            throw value.unknownName(text, known: ["1.1", "2"])
        }
        return version
    }

    private static func capabilities(_ value: YAMLValue) throws(YAMLError) -> ProviderCapabilities {
        let mapping = try value.mapping()
        try mapping.checkKeys(known: ["max_text", "max_payload", "max_bytes", "attachments", "sender"])
        var capabilities = ProviderCapabilities()
        capabilities.maxText = try mapping.int(ifPresent: "max_text", in: 1...1_000_000)
        capabilities.maxPayload = try mapping.read("max_payload") { value throws(YAMLError) in try value.bytes() }
        capabilities.maxBytes = try mapping.read("max_bytes") { value throws(YAMLError) in try value.bytes() }
        capabilities.takesAttachments = try mapping.bool("attachments", default: true)
        for value in mapping["sender"]?.listOrOne ?? [] { capabilities.senders.insert(try value.choice()) }
        return capabilities
    }

    private func parseAuth(_ value: YAMLValue) throws(YAMLError) -> ManifestAuth {
        let mapping = try value.mapping()
        let type = try mapping.require("type")
        let name = try type.string()
        switch name {
        case "none":
            try mapping.checkKeys(known: ["type"])
            return .none
        case "basic":
            try mapping.checkKeys(known: ["type", "user", "password"])
            return .basic(
                user: try template(try mapping.require("user"), .settings),
                password: try template(try mapping.require("password"), .settings))
        case "bearer":
            try mapping.checkKeys(known: ["type", "scheme", "token"])
            return .bearer(
                scheme: try mapping.string("scheme", default: "Bearer"),
                token: try template(try mapping.require("token"), .settings))
        case "header":
            try mapping.checkKeys(known: ["type", "name", "value"])
            return .header(
                name: try Self.headerName(try mapping.require("name")),
                value: try template(try mapping.require("value"), .settings))
        case "oauth2_jwt_bearer": return .oauth2(try parseOAuth2(mapping))
        default: throw type.unknownName(name, known: ["none", "basic", "bearer", "header", "oauth2_jwt_bearer"])
        }
    }

    private func parseOAuth2(_ mapping: YAMLMapping) throws(YAMLError) -> OAuth2Plan {
        try mapping.checkKeys(
            known: ["type", "token_url", "scope", "issuer", "key_id", "private_key", "alg", "cache", "refresh_on"])
        if let alg = mapping["alg"], try alg.string() != "RS256" {
            throw alg.error("only RS256 is supported", help: "write alg: RS256")
        }
        var renewBefore = Duration.seconds(300)
        if let cache = mapping["cache"] {
            let text = try cache.string()
            guard text.hasPrefix("expires_in-"), text.hasSuffix("s"), let seconds = Int(text.dropFirst(11).dropLast()),
                (0...3600).contains(seconds)
            else { throw cache.error("\"\(text)\" is not understood", help: "write expires_in-300s") }
            renewBefore = .seconds(seconds)
        }
        return OAuth2Plan(
            tokenURL: try template(try mapping.require("token_url"), .settings),
            scope: try mapping.read("scope") { value throws(YAMLError) in try template(value, .settings) },
            issuer: try template(try mapping.require("issuer"), .settings),
            keyID: try mapping.read("key_id") { value throws(YAMLError) in try template(value, .settings) },
            privateKey: try template(try mapping.require("private_key"), .settings), renewBefore: renewBefore,
            refreshOn: try mapping.choice("refresh_on", default: Outcome.Kind.authRefresh))
    }

    private func parseSignature(_ value: YAMLValue) throws(YAMLError) -> Template {
        let mapping = try value.mapping()
        try mapping.checkKeys(known: ["type", "secret"])
        let type = try mapping.require("type")
        guard try type.string() == "standard_webhooks" else {
            throw type.unknownName(try type.string(), known: ["standard_webhooks"])
        }
        return try template(try mapping.require("secret"), .settings)
    }

    static func headerName(_ value: YAMLValue) throws(YAMLError) -> String {
        let name = try value.string()
        guard MIMEToken.isValid(name) else { throw value.error("\"\(name)\" is not a header's name") }
        return name
    }
}
