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
    public var dispatch = Dispatch()
    public var retry = Retry()
    public var rendering = Rendering()
    public var receipts = Receipts()
    public var retention = Retention()
    public var log = Log()
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
        /// Bytes of one request's body.
        public var maxBodyBytes = 1 << 20
        /// Bytes of the body of a batch (an array or NDJSON).
        public var maxBatchBytes = 16 << 20
        public var maxConnections = 1024
        public var headerTimeout = Duration.seconds(10)
        public var bodyTimeout = Duration.seconds(30)

        public init() {}
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

    /// The dispatcher.
    public struct Dispatch: Sendable, Hashable {
        /// Loops that claim and render side by side.
        public var workers = 4
        /// Messages claimed, admitted and recorded together at most.
        public var batch = 256
        /// Messages between claim and record at once, over all providers.
        public var inFlight = 2048
        /// How long a claim holds before the message is due again.
        public var lease = Duration.seconds(60)
        /// The most that one call to a provider may take.
        public var attemptTimeout = Duration.seconds(20)
        /// A call that could not begin so soon after it was admitted gives its place back.
        public var guardTime = Duration.seconds(2)
        /// The wait before a message with an unknown outcome goes out once more, where its category allows that.
        public var resendAfter = Duration.seconds(30)
        /// How long an idle lane waits before it looks again by itself.
        public var idleWait = Duration.milliseconds(500)
        /// How long a stop waits for what is in flight.
        public var drain = Duration.seconds(30)

        public init() {}
    }

    /// When a deferred message is tried again.
    public struct Retry: Sendable, Hashable {
        /// Attempts in all, the first included.
        public var maxAttempts = 10
        /// The greatest wait before the second attempt; it doubles with each further one.
        public var base = Duration.seconds(5)
        /// No wait is longer.
        public var cap = Duration.seconds(900)

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
        public var maxSteps = 100_000
        public var maxOutputBytes = 1 << 20
        /// How soon a message that could not be rendered is tried again.
        public var retryAfter = Duration.seconds(30)

        public init() {}
    }

    /// What providers tell, and how long it waits for its message.
    public struct Receipts: Sendable, Hashable {
        /// Receipts in the inbox that wait for their message or their turn; beyond, senders are told to come again.
        public var maxWaiting = 100_000
        /// How long one waits at most.
        public var patience = Duration.seconds(86_400)
        /// Receipts applied in one transaction.
        public var batch = 100
        /// How long receipts that are done with are kept, and repetitions are recognised.
        public var keep = Duration.seconds(30 * 86_400)

        public init() {}
    }

    /// How long things are kept.
    public struct Retention: Sendable, Hashable {
        /// Finished messages with their log.
        public var messages = Duration.seconds(90 * 86_400)
        /// Contacts for counting; at least as long as the longest window of the policy.
        public var ledger = Duration.seconds(400 * 86_400)
        public var idempotencyKeys = Duration.seconds(30 * 86_400)
        /// How often old rows are removed.
        public var interval = Duration.seconds(600)
        /// Messages removed in one transaction.
        public var batch = 1000

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
