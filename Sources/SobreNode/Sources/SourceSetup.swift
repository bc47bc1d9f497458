import Kafka
import SobreProviders
import SobreSettings

/// The sources of the settings, each with librdkafka's properties, or with what is wrong with it.
struct SourceSetup: Sendable {
    struct Ready: Sendable {
        let source: IntakeSource
        let properties: [(name: String, value: String)]
    }

    private(set) var ready: [Ready] = []
    /// By name: why nothing can be read.
    private(set) var faults: [String: String] = [:]

    /// - Parameters:
    ///   - settings: name the sources.
    ///   - environment: may contain their secrets.
    init(_ settings: Settings, environment: Environment) {
        let secrets = SecretSource(environment)
        for source in settings.sources {
            do {
                let properties = try Self.properties(of: source, secrets)
                try Kafka.check(properties)
                ready.append(Ready(source: source, properties: properties))
            } catch { faults[source.name] = "intake.sources.\(source.name): \(error)" }
        }
    }

    private static func properties(
        of source: IntakeSource, _ secrets: SecretSource
    ) throws -> [(name: String, value: String)] {
        let limits = source.limits
        var properties = [
            ("bootstrap.servers", source.brokers.joined(separator: ",")), ("group.id", source.group),
            ("client.id", "sobre"),
            // A source without a position begins with the oldest record, so that none is left out.
            ("auto.offset.reset", "earliest"),
            ("session.timeout.ms", "\(limits.sessionTimeout.components.seconds * 1_000)"),
            ("queued.max.messages.kbytes", "\(max(1, limits.fetchAheadBytes >> 10))"),
        ]
        let isSecret = source.username != nil
        let protocolName = (isSecret ? "sasl_" : "") + (source.usesTLS ? "ssl" : "plaintext")
        properties.append(("security.protocol", protocolName))
        if let authorities = source.authorities { properties.append(("ssl.ca.location", authorities)) }
        if let certificate = source.certificate { properties.append(("ssl.certificate.location", certificate)) }
        if let key = source.key { properties.append(("ssl.key.location", key)) }
        if let username = source.username, let password = source.password {
            properties.append(("sasl.mechanism", source.mechanism.rawValue))
            properties.append(("sasl.username", try secret(username, "username", source, secrets)))
            properties.append(("sasl.password", try secret(password, "password", source, secrets)))
        }
        return properties.map { (name: $0.0, value: $0.1) }
    }

    private static func secret(
        _ reference: SecretReference, _ name: String, _ source: IntakeSource, _ secrets: SecretSource
    ) throws(SettingsError) -> String {
        let text: String? =
            switch reference {
            case .environment(let variable): secrets.environment(variable)
            case .file(let path): secrets.file(path)
            }
        guard let text, !text.isEmpty else {
            throw SettingsError("the \(name) \(reference) has no value. Set it, or name another.")
        }
        return text
    }
}
