/// Which faults the sandbox injects, and how often.
///
/// Each endpoint (``Scope``) has its own ``Faults``. A plan is written as a comma-separated list
/// (`"429=5%,reset=1%,latency=20ms..80ms,twilio.hang=0.1%"`, see ``init(parsing:)``) or as a JSON object with the
/// same keys (``init(json:)``).
public struct FaultPlan: Sendable, Equatable {
    /// An endpoint that can have its own faults.
    public enum Scope: String, Sendable, CaseIterable {
        /// The SMTP listener.
        case smtp
        /// The Twilio-shaped message endpoint.
        case twilio
        /// The FCM-shaped send endpoint.
        case fcm
        /// The generic webhook.
        case webhook
        /// The OAuth token endpoint. Only entries that name it apply to it.
        case token
    }

    /// The share of accepted HTTP connections closed at once, 0 to 1.
    public var dropHTTP = 0.0

    /// The share of accepted SMTP connections closed at once, 0 to 1.
    public var dropSMTP = 0.0

    /// The value of `Retry-After` with a 429 or 503, in seconds.
    public var retryAfterSeconds = 1

    private var smtp = Faults()
    private var twilio = Faults()
    private var fcm = Faults()
    private var webhook = Faults()
    private var token = Faults()

    /// A plan without faults.
    public init() {}

    /// The faults of one endpoint.
    public subscript(scope: Scope) -> Faults {
        get {
            switch scope {
            case .smtp: smtp
            case .twilio: twilio
            case .fcm: fcm
            case .webhook: webhook
            case .token: token
            }
        }
        set {
            switch scope {
            case .smtp: smtp = newValue
            case .twilio: twilio = newValue
            case .fcm: fcm = newValue
            case .webhook: webhook = newValue
            case .token: token = newValue
            }
        }
    }
}

/// The faults of one endpoint, as rates from 0 (never) to 1 (always).
///
/// A message gets at most one answer fault, so their rates together are at most 1. ``latency`` is added to it.
public struct Faults: Sendable, Equatable {
    /// 429 with `Retry-After` instead of an answer (HTTP).
    public var tooManyRequests = 0.0
    /// One of 500, 502, 503 and 504 instead of an answer (HTTP).
    public var serverError = 0.0
    /// 200 with a body that no client can parse; the message is accepted (HTTP).
    public var garbage = 0.0
    /// The connection is reset after the whole request or email was read; the message is accepted.
    public var reset = 0.0
    /// The message is accepted, but never answered.
    public var hang = 0.0
    /// 421 at `MAIL FROM`, then the connection is closed (SMTP).
    public var serviceUnavailable = 0.0
    /// 451 for a single `RCPT TO`; rolled separately for each recipient (SMTP).
    public var recipientDeferred = 0.0
    /// The delay of the final answer.
    public var latency: Latency?

    /// No faults.
    public init() {}

    /// A delay of the final answer, drawn uniformly from a range.
    public struct Latency: Sendable, Equatable {
        /// The shortest delay, in milliseconds.
        public var lowMilliseconds: Int
        /// The longest delay, in milliseconds; at most ``limitMilliseconds``.
        public var highMilliseconds: Int
        /// The share of messages delayed, 0 to 1.
        public var rate: Double

        /// The longest delay that a plan may set: ten minutes.
        public static let limitMilliseconds = 600_000

        /// A delay between two bounds in milliseconds, for a share of the messages.
        public init(lowMilliseconds: Int, highMilliseconds: Int, rate: Double = 1) {
            self.lowMilliseconds = lowMilliseconds
            self.highMilliseconds = highMilliseconds
            self.rate = rate
        }
    }

    /// The sum of the answer faults, of which a message gets at most one.
    var answerRate: Double { tooManyRequests + serverError + garbage + reset + hang + serviceUnavailable }
}
