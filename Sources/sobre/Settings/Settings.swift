import SobreModel
import SobreProviders

/// Everything that can be set from outside, with the defaults that hold where nothing is said.
///
/// `Config/sobre.yaml` is the reference of the keys: each with its default, unit and meaning. Paths are absolute here.
struct Settings: Sendable {
    var data = Data()
    var server = Server()
    var paths = Paths()
    var sender = Sender()
    var links = Links()
    var dispatch = Dispatch()
    var retry = Retry()
    var rendering = Rendering()
    var receipts = Receipts()
    var retention = Retention()
    var log = Log()
    /// The providers that are set up, in the order of the file.
    var providers: [ProviderInstance] = []
    /// For each channel the names of providers in order of preference.
    var routes: [Channel: [String]] = [:]
    /// The file they came from; nil when there was none and the defaults hold.
    var file: String?

    init() {}
}

extension Settings {
    /// Where the store lives.
    struct Data: Sendable, Hashable {
        /// The folder of the database; created when absent, readable by its owner only.
        var directory = "data"
    }

    /// The HTTP server and its limits.
    struct Server: Sendable, Hashable {
        /// The address to listen on. Without any API key only loopback is allowed.
        var host = "127.0.0.1"
        var port = 8480
        /// Bytes of one request's body.
        var maxBodyBytes = 1 << 20
        /// Bytes of the body of a batch (an array or NDJSON).
        var maxBatchBytes = 16 << 20
        var maxConnections = 1024
        var headerTimeout = Duration.seconds(10)
        var bodyTimeout = Duration.seconds(30)
    }

    /// The files beside the settings.
    struct Paths: Sendable, Hashable {
        var templates = "Templates"
        var providers = "Providers"
        var policy = "Config/policy.yaml"
    }

    /// Who messages come from where their template does not say.
    struct Sender: Sendable, Hashable {
        /// A mailbox, for example `Larkspur Records <hello@larkspur.example>`.
        var email: String?
        var replyTo: String?
        /// A number, a short code or a name.
        var sms: String?
    }

    /// The links that templates can put into messages.
    struct Links: Sendable, Hashable {
        /// How people reach this server from outside, without a final slash.
        var publicURL = "http://127.0.0.1:8480"
        /// Where people choose what they get; nil: templates that link to it are held.
        var preferencesURL: String?
        /// The key of signed links; nil: one is made at the first start and kept in the data directory.
        var secret: SecretReference?
        /// Keys that have signed links before: theirs stay valid.
        var previousSecrets: [SecretReference] = []
    }

    /// The dispatcher.
    struct Dispatch: Sendable, Hashable {
        /// Loops that claim and render side by side.
        var lanes = 4
        /// Messages claimed, admitted and recorded together at most.
        var batch = 256
        /// Messages between claim and record at once, over all providers.
        var inFlight = 2048
        /// How long a claim holds before the message is due again.
        var lease = Duration.seconds(60)
        /// The most that one call to a provider may take.
        var attemptTimeout = Duration.seconds(20)
        /// A call that could not begin so soon after it was admitted gives its place back.
        var guardTime = Duration.seconds(2)
        /// The wait before a message with an unknown outcome goes out once more, where its category allows that.
        var resendAfter = Duration.seconds(30)
        /// How long an idle lane waits before it looks again by itself.
        var idleWait = Duration.milliseconds(500)
        /// How long a stop waits for what is in flight.
        var drain = Duration.seconds(30)
    }

    /// When a deferred message is tried again.
    struct Retry: Sendable, Hashable {
        /// Attempts in all, the first included.
        var maxAttempts = 10
        /// The greatest wait before the second attempt; it doubles with each further one.
        var base = Duration.seconds(5)
        /// No wait is longer.
        var cap = Duration.seconds(900)
    }

    /// What templates may do.
    struct Rendering: Sendable, Hashable {
        enum Undefined: String, CaseIterable, Sendable {
            /// The message is held with the reason.
            case hold
            /// The value renders as nothing.
            case empty
        }

        /// What happens when a template writes a value that nobody gave and that has no fallback.
        var undefined = Undefined.hold
        var maxSteps = 100_000
        var maxOutputBytes = 1 << 20
        /// How soon a message that could not be rendered is tried again.
        var retryAfter = Duration.seconds(30)
    }

    /// What providers tell, and how long it waits for its message.
    struct Receipts: Sendable, Hashable {
        /// Receipts in the inbox that wait for their message or their turn; beyond, senders are told to come again.
        var maxWaiting = 100_000
        /// How long one waits at most.
        var patience = Duration.seconds(86_400)
        /// Receipts applied in one transaction.
        var batch = 100
        /// How long receipts that are done with are kept, and repetitions are recognised.
        var keep = Duration.seconds(30 * 86_400)
    }

    /// How long things are kept.
    struct Retention: Sendable, Hashable {
        /// Finished messages with their log.
        var messages = Duration.seconds(90 * 86_400)
        /// Contacts for counting; at least as long as the longest window of the policy.
        var ledger = Duration.seconds(400 * 86_400)
        var idempotencyKeys = Duration.seconds(30 * 86_400)
        /// How often old rows are removed.
        var interval = Duration.seconds(600)
        /// Messages removed in one transaction.
        var batch = 1000
    }

    /// What the server says about itself on standard error.
    struct Log: Sendable, Hashable {
        enum Level: String, CaseIterable, Sendable { case trace, debug, info, notice, warning, error, critical }
        enum Format: String, CaseIterable, Sendable { case text, json }

        var level = Level.info
        var format = Format.text
    }
}
