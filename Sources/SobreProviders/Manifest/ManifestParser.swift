internal import SobreDelivery
internal import SobreModel
import SobreSettings
internal import YAMLDocument

/// Reads one manifest.
struct ManifestParser {
    let root: YAMLMapping
    let scope: ExpressionScope
    private let settings: [ManifestSetting]
    private let channels: Set<Channel>

    init(_ value: YAMLValue) throws(YAMLError) {
        root = try value.mapping()
        try root.checkKeys(known: ManifestKeys.top)
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
        let clock = try root.read("clock") { value throws(YAMLError) in try parseClock(value) }
        if clock != nil {
            guard case .recipe = auth else {
                throw try root.require("clock").error(
                    "a clock has no effect here", help: "only auth: {type: recipe} reads it")
            }
        }
        let signing = try root.read("signature") { value throws(YAMLError) in try parseSignature(value) }
        let receipts = try root.read("receipts") { value throws(YAMLError) in try parseReceipts(value) }
        let poll = try root.read("poll") { value throws(YAMLError) in try parsePoll(value) }
        let request = try parseRequest(try root.require("request"))
        let idempotency = try parseIdempotency(signs: signing != nil, request)
        let response = try ResponseParser(try root.require("response")).parse()
        var examples: [ManifestExample] = []
        for value in try root.list("examples") { examples.append(try ExampleParser.parse(value, receipts)) }
        let transport = try root.mapping(ifPresent: "transport")
        try transport?.checkKeys(known: ManifestKeys.transport)
        var limits =
            try root.read("limits") { value throws(YAMLError) in try ProviderLimits(value) } ?? ProviderLimits()
        limits.timeout =
            try transport?.duration(ifPresent: "timeout", in: .milliseconds(100)...(.seconds(120))) ?? limits.timeout
        return Manifest(
            name: try root.string("name"), channels: channels, version: try root.string(ifPresent: "version"),
            docs: try root.string(ifPresent: "docs"), evidence: try root.string(ifPresent: "evidence"),
            verified: try root.choice("verified", default: Manifest.Verification.none), settings: settings,
            capabilities: try root.read("capabilities") { value throws(YAMLError) in try Self.capabilities(value) }
                ?? ProviderCapabilities(),
            limits: limits, idempotency: idempotency, endpoint: endpoint,
            httpVersion: try Self.version(transport), clientCertificate: try clientCertificate(transport),
            payloadLimit: try payloadLimit(), auth: auth, clock: clock, signingSecret: signing,
            receipts: receipts, poll: poll, request: request, usesMIME: scope.usesMIME,
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
            try mapping.checkKeys(known: ManifestKeys.setting)
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

    /// `certificate` and `key` of `transport`: both or neither.
    private func clientCertificate(
        _ transport: YAMLMapping?
    ) throws(YAMLError) -> (certificate: Template, key: Template)? {
        guard let transport, transport.contains("certificate") || transport.contains("key") else { return nil }
        return (try text("certificate", in: transport), try text("key", in: transport))
    }

    /// `max_payload`, where it is an expression.
    private func payloadLimit() throws(YAMLError) -> Template? {
        guard let value = try root.mapping(ifPresent: "capabilities")?["max_payload"], Self.dependsOnSetting(value)
        else { return nil }
        return try template(value, .settings)
    }

    private static func dependsOnSetting(_ value: YAMLValue) -> Bool {
        (try? value.string().contains("${")) ?? false
    }

    private static func capabilities(_ value: YAMLValue) throws(YAMLError) -> ProviderCapabilities {
        let mapping = try value.mapping()
        try mapping.checkKeys(known: ManifestKeys.capabilities)
        var capabilities = ProviderCapabilities()
        capabilities.maxText = try mapping.int(ifPresent: "max_text", in: 1...1_000_000)
        capabilities.maxPayload =
            try mapping.read("max_payload") { value throws(YAMLError) in
                dependsOnSetting(value) ? nil : try value.bytes()
            } ?? nil
        capabilities.maxBytes = try mapping.read("max_bytes") { value throws(YAMLError) in try value.bytes() }
        capabilities.takesAttachments = try mapping.bool("attachments", default: true)
        capabilities.takesInlineImages = try mapping.bool("inline_images", default: true)
        capabilities.takesNonASCIIAddresses = try mapping.bool("eai", default: false)
        capabilities.replyWindow = try mapping.duration(
            ifPresent: "reply_window", in: .seconds(60)...ReplyWindows.longest)
        for value in mapping["reserved_data"]?.listOrOne ?? [] { capabilities.reservedData.append(try value.string()) }
        for value in mapping["sender"]?.listOrOne ?? [] { capabilities.senders.insert(try value.choice()) }
        return capabilities
    }
}
