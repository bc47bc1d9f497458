public import SobreModel

/// The configuration, with its defaults.
///
/// `Config/sobre.yaml` documents each key with its default, unit and meaning. Paths are absolute here.
public struct Settings: Sendable {
    public var data = Data()
    public var server = Server()
    public var paths = Paths()
    public var sender = Sender()
    public var links = Links()
    public var dispatch = DispatchLimits()
    public var retry = RetryPolicy()
    public var health = ProviderHealthLimits()
    public var rendering = Rendering()
    public var receipts = ReceiptLimits()
    public var retention = Retention()
    public var log = Log()
    public var intake = IntakeLimits()
    public var store = StoreLimits()
    public var httpClient = HTTPClientLimits()
    public var mailClient = MailClientLimits()
    public var monitor = MonitorLimits()
    public var events = Events()
    /// The logs that messages are taken from, in the order of the file.
    public var sources: [IntakeSource] = []
    /// The configured providers, in the order of the file.
    public var providers: [ProviderInstance] = []
    /// The providers of each channel.
    public var routes: [Channel: ProviderRoute] = [:]
    /// The file that was read; nil if there was none and the defaults apply.
    public var file: String?

    public init() {}
}

extension Settings {
    /// The location of the store.
    public struct Data: Sendable, Hashable {
        /// The data directory. It is created if absent, readable by its owner only.
        public var directory = "data"

        public init() {}
    }

    /// The HTTP server and its limits.
    public struct Server: Sendable, Hashable {
        /// The address to listen on. Without any API key only loopback is used.
        public var host = "127.0.0.1"
        public var port = 8480
        public var limits = HTTPLimits()

        public init() {}

        static let keys: [SettingsKey<Self>] = [.count("port", \.port, 0...65_535)]
    }

    /// The other configuration files.
    public struct Paths: Sendable, Hashable {
        public var templates = "Templates"
        /// Other folders that symbolic links in the templates' folder may lead into.
        public var templateLinks: [String] = []
        public var providers = "Providers"
        public var policy = "Config/policy.yaml"

        public init() {}
    }

    /// The senders of messages whose template does not set one.
    public struct Sender: Sendable, Hashable {
        /// By channel: a mailbox such as `Larkspur Records <hello@larkspur.example>`, or a number, a short code or a
        /// name.
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
        /// The server's public address, without a final slash.
        public var publicURL = "http://127.0.0.1:8480"
        /// The page where recipients choose what they receive. If nil, templates that link to it are held.
        public var preferencesURL: String?
        /// The key that signs links. If nil, one is created at the first start and kept in the data directory.
        public var secret: SecretReference?
        /// Earlier keys. Links signed with them stay valid.
        public var previousSecrets: [SecretReference] = []

        public init() {}
    }

    /// Settings of rendering.
    public struct Rendering: Sendable, Hashable {
        public enum Undefined: String, CaseIterable, Sendable {
            /// Hold the message, with the reason.
            case hold
            /// Render the value as empty.
            case empty
        }

        /// What happens when a template writes an undefined value that has no fallback.
        public var undefined = Undefined.hold
        /// The schemes that addresses in messages may have, in lower case.
        public var linkSchemes = ["https", "http", "mailto", "tel", "sms"]
        /// Whether characters outside the GSM alphabet are replaced in SMS whose template does not say.
        public var transliteratesSMS = false
        public var limits = RenderingLimits()

        public init() {}

        static let keys: [SettingsKey<Self>] = [.flag("transliterate_sms", \.transliteratesSMS)]
    }

    /// The server's log on standard error.
    public struct Log: Sendable, Hashable {
        public enum Level: String, CaseIterable, Sendable { case trace, debug, info, notice, warning, error, critical }
        public enum Format: String, CaseIterable, Sendable { case text, json }

        public var level = Level.info
        public var format = Format.text

        public init() {}
    }
}
