internal import Files
public import YAMLDocument

/// One configured log that messages are taken from: topics of Kafka.
///
/// ```yaml
/// intake:
///   sources:
///     orders:
///       type: kafka
///       brokers: [kafka-1.example.com:9093, kafka-2.example.com:9093]
///       topics: [messages]
///       group: sobre
///       tls: true
///       mechanism: SCRAM-SHA-512
///       username: env:KAFKA_USER
///       password: env:KAFKA_PASSWORD
/// ```
public struct IntakeSource: Hashable, Sendable {
    /// How a client proves who it is by a password.
    public enum Mechanism: String, CaseIterable, Sendable {
        case plain = "PLAIN"
        case scramSHA256 = "SCRAM-SHA-256"
        case scramSHA512 = "SCRAM-SHA-512"
    }

    /// The kinds of log.
    public enum Kind: String, CaseIterable, Sendable { case kafka }

    /// Up to 64 letters, digits, `-`, `_` and `.`. The positions in the store belong to this name.
    public var name: String
    public var kind = Kind.kafka
    /// Hosts with their ports, with which reading begins.
    public var brokers: [String] = []
    public var topics: [String] = []
    /// The consumer group, whose members share the partitions.
    public var group = "sobre"
    /// Whether connections are encrypted.
    public var usesTLS = false
    /// The certificates that are trusted; nil: those of the system.
    public var authorities: String?
    /// The files of a client's certificate and of its key.
    public var certificate: String?
    public var key: String?
    public var mechanism = Mechanism.plain
    /// With ``password``; nil: none is needed.
    public var username: SecretReference?
    public var password: SecretReference?
    public var limits = SourceLimits()

    static let keys =
        [
            "type", "brokers", "topics", "group", "tls", "ca", "certificate", "key", "mechanism", "username",
            "password",
        ] + SourceLimits.keys.names()

    /// Reads one source.
    ///
    /// - Parameters:
    ///   - name: its name.
    ///   - value: its mapping.
    ///   - folder: the folder to which relative paths are resolved.
    /// - Throws: `YAMLError` with the position of the invalid value. A literal credential is rejected without being
    ///   shown.
    public init(name: String, _ value: YAMLValue, folder: String) throws(YAMLError) {
        guard EventSubscription.isName(name) else {
            throw value.error("\"\(name)\" is not a source's name", help: "use up to 64 letters, digits, -, _ and .")
        }
        let mapping = try value.mapping()
        try mapping.checkKeys(known: Self.keys)
        self.name = name
        if let value = mapping["type"] { kind = try value.choice() }
        brokers = try Self.texts(mapping["brokers"])
        topics = try Self.texts(mapping["topics"])
        guard !brokers.isEmpty, !topics.isEmpty else {
            throw value.error(
                "the source \"\(name)\" needs brokers and topics",
                help: "write brokers: [host:port] and topics: [name]")
        }
        for topic in topics where topic.hasPrefix("^") {
            throw value.error(
                "the source \"\(name)\" has the topic \"\(topic)\", a pattern", help: "name each topic in full")
        }
        if let value = mapping["group"] { group = try value.string() }
        try readSecurity(mapping, value, folder)
        for key in SourceLimits.keys {
            if let value = mapping[key.name] { try key.read(value, &limits) }
        }
    }

    private mutating func readSecurity(_ mapping: YAMLMapping, _ value: YAMLValue, _ folder: String) throws(YAMLError) {
        if let value = mapping["tls"] { usesTLS = try value.bool() }
        authorities = try Self.path(mapping["ca"], folder)
        certificate = try Self.path(mapping["certificate"], folder)
        key = try Self.path(mapping["key"], folder)
        if let value = mapping["mechanism"] { mechanism = try value.choice() }
        username = try mapping["username"].map { value throws(YAMLError) in try SecretReference(value, folder) }
        password = try mapping["password"].map { value throws(YAMLError) in try SecretReference(value, folder) }
        guard (username == nil) == (password == nil) else {
            throw value.error(
                "the source \"\(name)\" has one of username and password", help: "write both, or neither")
        }
        guard (certificate == nil) == (key == nil) else {
            throw value.error("the source \"\(name)\" has one of certificate and key", help: "write both, or neither")
        }
        guard usesTLS || (authorities == nil && certificate == nil) else {
            throw value.error("the source \"\(name)\" has certificates, but no tls", help: "write tls: true")
        }
    }

    private static func texts(_ value: YAMLValue?) throws(YAMLError) -> [String] {
        var texts: [String] = []
        for entry in value?.listOrOne ?? [] { texts.append(try entry.string()) }
        return texts
    }

    private static func path(_ value: YAMLValue?, _ folder: String) throws(YAMLError) -> String? {
        guard let value else { return nil }
        return FilePath.resolve(try value.string(), from: folder)
    }
}

extension SecretReference {
    /// Reads a reference of a source's credential.
    fileprivate init(_ value: YAMLValue, _ folder: String) throws(YAMLError) {
        guard let reference = SecretReference(try value.string()) else {
            // Without the line of the file, which shows the credential.
            throw YAMLError(
                file: value.source.file, line: value.line, column: value.column,
                message: "the credential of a source is not a reference",
                help: "write env:NAME or file:PATH; credentials do not belong in configuration files")
        }
        self = reference.resolved(from: folder)
    }
}
