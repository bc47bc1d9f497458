public import SobreModel

/// Everything that can be set from outside, with the defaults that hold where nothing is said.
///
/// `Config/sobre.yaml` is the reference of the keys: each with its default, unit and meaning. Paths are absolute here.
public struct Settings: Sendable {
    public var data = Data()
    public var server = Server()
    public var paths = Paths()
    public var sender = Sender()
    public var links = Links()
    public var dispatch = DispatchLimits()
    public var retry = RetryPolicy()
    public var health = HealthLimits()
    public var rendering = Rendering()
    public var receipts = ReceiptLimits()
    public var retention = Retention()
    public var log = Log()
    public var intake = IntakeLimits()
    public var store = StoreLimits()
    public var httpClient = HTTPClientLimits()
    public var mailClient = MailClientLimits()
    public var monitor = MonitorLimits()
    /// The providers that are set up, in the order of the file.
    public var providers: [ProviderInstance] = []
    /// For each channel the names of providers in order of preference.
    public var routes: [Channel: [String]] = [:]
    /// The file they came from; nil when there was none and the defaults hold.
    public var file: String?

    public init() {}
}

extension Settings {
    /// Where the store lives.
    public struct Data: Sendable, Hashable {
        /// The folder of the database; created when absent, readable by its owner only.
        public var directory = "data"

        public init() {}
    }

    /// The HTTP server and its limits.
    public struct Server: Sendable, Hashable {
        /// The address to listen on. Without any API key only loopback is allowed.
        public var host = "127.0.0.1"
        public var port = 8480
        public var limits = HTTPLimits()

        public init() {}

        static let keys: [SettingsKey<Self>] = [.count("port", \.port, 0...65_535)]
    }

    /// The files beside the settings.
    public struct Paths: Sendable, Hashable {
        public var templates = "Templates"
        public var providers = "Providers"
        public var policy = "Config/policy.yaml"

        public init() {}
    }

    /// Who messages come from where their template does not say.
    public struct Sender: Sendable, Hashable {
        /// By channel: a mailbox such as `Larkspur Records <hello@larkspur.example>`, or a number, a short code or a name.
        private var byChannel = ByChannel<String?>(repeating: nil)
        public var replyTo: String?

        public init() {}

        public subscript(channel: Channel) -> String? {
            get { byChannel[channel] }
            set { byChannel[channel] = newValue }
        }
    }

    /// The links that templates can put into messages.
    public struct Links: Sendable, Hashable {
        /// How people reach this server from outside, without a final slash.
        public var publicURL = "http://127.0.0.1:8480"
        /// Where people choose what they get; nil: templates that link to it are held.
        public var preferencesURL: String?
        /// The key of signed links; nil: one is made at the first start and kept in the data directory.
        public var secret: SecretReference?
        /// Keys that have signed links before: theirs stay valid.
        public var previousSecrets: [SecretReference] = []

        public init() {}
    }

    /// What templates may do.
    public struct Rendering: Sendable, Hashable {
        public enum Undefined: String, CaseIterable, Sendable {
            /// The message is held with the reason.
            case hold
            /// The value renders as nothing.
            case empty
        }

        /// What happens when a template writes a value that nobody gave and that has no fallback.
        public var undefined = Undefined.hold
        public var limits = RenderingLimits()

        public init() {}
    }

    /// What the server says about itself on standard error.
    public struct Log: Sendable, Hashable {
        public enum Level: String, CaseIterable, Sendable { case trace, debug, info, notice, warning, error, critical }
        public enum Format: String, CaseIterable, Sendable { case text, json }

        public var level = Level.info
        public var format = Format.text

        public init() {}
    }
}
