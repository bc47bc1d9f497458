/// How often and in what way the sandbox misbehaves.
///
/// Each receiving end (``Scope``) has its own ``Faults``. A plan is written as a comma-separated list
/// (`"429=5%,reset=1%,latency=20ms..80ms,twilio.hang=0.1%"`, see ``init(parsing:)``) or as a JSON object with the same
/// keys (``init(json:)``).
public struct FaultPlan: Sendable, Equatable {
    /// A receiving end that can be made to misbehave by itself.
    public enum Scope: String, Sendable, CaseIterable {
        /// The SMTP listener.
        case smtp
        /// The Twilio-shaped message endpoint.
        case twilio
        /// The FCM-shaped send endpoint.
        case fcm
        /// The generic webhook.
        case webhook
        /// The OAuth token endpoint; only entries that name it reach it.
        case token
    }

    /// The share of accepted HTTP connections closed at once, 0 to 1.
    public var dropHTTP = 0.0

    /// The share of accepted SMTP connections closed at once, 0 to 1.
    public var dropSMTP = 0.0

    /// What `Retry-After` says with a 429 or 503, in seconds.
    public var retryAfterSeconds = 1

    private var smtp = Faults()
    private var twilio = Faults()
    private var fcm = Faults()
    private var webhook = Faults()
    private var token = Faults()

    /// A plan without faults.
    public init() {}

    /// The faults of one receiving end.
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

/// The misbehaviour of one receiving end: rates from 0 (never) to 1 (always).
///
/// At most one of the answer faults hits a message, so their rates together are at most 1; ``latency`` comes on top.
public struct Faults: Sendable, Equatable {
    /// 429 with `Retry-After` instead of an answer (HTTP).
    public var tooManyRequests = 0.0
    /// One of 500, 502, 503 and 504 instead of an answer (HTTP).
    public var serverError = 0.0
    /// 200 with a body that no client can parse; the message was taken (HTTP).
    public var garbage = 0.0
    /// The connection is reset after the whole request or mail was read; the message was taken.
    public var reset = 0.0
    /// The message was taken, and no answer ever comes.
    public var hang = 0.0
    /// 421 at `MAIL FROM`, then the connection is closed (SMTP).
    public var serviceUnavailable = 0.0
    /// 451 to a single `RCPT TO`; rolled for each recipient by itself (SMTP).
    public var recipientDeferred = 0.0
    /// How late the final answer is.
    public var latency: Latency?

    /// No faults.
    public init() {}

    /// A delay of the final answer, drawn evenly from a range.
    public struct Latency: Sendable, Equatable {
        /// The shortest delay, in milliseconds.
        public var lowMilliseconds: Int
        /// The longest delay, in milliseconds; at most ``limitMilliseconds``.
        public var highMilliseconds: Int
        /// The share of messages delayed, 0 to 1.
        public var rate: Double

        /// The longest delay that a plan may ask for: ten minutes.
        public static let limitMilliseconds = 600_000

        /// A delay between two bounds in milliseconds, for a share of the messages.
        public init(lowMilliseconds: Int, highMilliseconds: Int, rate: Double = 1) {
            self.lowMilliseconds = lowMilliseconds
            self.highMilliseconds = highMilliseconds
            self.rate = rate
        }
    }

    /// The sum of the answer faults, of which at most one hits a message.
    var answerRate: Double { tooManyRequests + serverError + garbage + reset + hang + serviceUnavailable }
}
