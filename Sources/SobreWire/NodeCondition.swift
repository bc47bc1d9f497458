public import SobreModel
public import SobreStore

/// The state of a running node: the answer to `GET /v1/status`.
public struct NodeCondition: Sendable, Hashable {
    /// One provider as operators see it.
    public struct ProviderStatus: Sendable, Hashable {
        public var name: String
        public var channel: String
        /// `open` (healthy), `limited` (at its rate, or it asked for less) or `broken` (it fails, or its settings or
        /// account are at fault).
        public var state: String
        public var inFlight: Int
        /// Until when it is left alone; nil: it is not.
        public var until: Instant?
        /// Why it is broken or keeps only a part of its traffic; nil: neither.
        public var why: String?
        /// How much of its traffic it keeps while others of its route could take it, in percent.
        public var share = 100

        /// Makes the status.
        public init(name: String, channel: String, state: String, inFlight: Int) {
            self.name = name
            self.channel = channel
            self.state = state
            self.inFlight = inFlight
        }
    }

    /// Deliveries that wait: of one channel in one state.
    public struct Waiting: Sendable, Hashable {
        public var channel: String
        public var state: String
        public var count: Int

        public init(channel: String, state: String, count: Int) {
            self.channel = channel
            self.state = state
            self.count = count
        }
    }

    /// Deliveries that are held for one reason, of one template where it cannot be rendered.
    public struct Held: Sendable, Hashable {
        public var reason: String
        public var template: String?
        public var count: Int
        /// The words of one of them.
        public var detail: String

        public init(reason: String, template: String? = nil, count: Int, detail: String) {
            self.reason = reason
            self.template = template
            self.count = count
            self.detail = detail
        }
    }

    /// A file that changed and is not in force.
    public struct RefusedFile: Sendable, Hashable {
        public var file: String
        public var why: String

        public init(file: String, why: String) {
            self.file = file
            self.why = why
        }
    }

    /// What the HTTP server has open and holds for its clients, and what it refused since it was started.
    public struct HTTPLoad: Sendable, Hashable {
        public var connections: Int
        /// Of these, those whose last request came from an unknown caller, or that have not sent one.
        public var unknownConnections: Int
        /// Bytes of bodies of known callers, beyond what each may hold without being counted.
        public var bufferedBytes: Int
        public var unknownBufferedBytes: Int
        /// By reason; reasons that did not occur are absent.
        public var refused: [String: Int]

        public init(
            connections: Int = 0, unknownConnections: Int = 0, bufferedBytes: Int = 0, unknownBufferedBytes: Int = 0,
            refused: [String: Int] = [:]
        ) {
            self.connections = connections
            self.unknownConnections = unknownConnections
            self.bufferedBytes = bufferedBytes
            self.unknownBufferedBytes = unknownBufferedBytes
            self.refused = refused
        }
    }

    /// What a warning is about, in a word that tells a stranger nothing.
    public enum WarningSubject: String, CaseIterable, Sendable {
        case addresses, clock, data, disk, files, keys, messages, pauses, providers, restart, sources, templates,
            unknown
    }

    /// What needs attention, a sentence each, with the command that helps; empty: nothing.
    public var warnings: [String]
    public var providers: [ProviderStatus]
    /// Attempts and claims under way.
    public var inFlight: Int
    public var policyVersion: Int
    /// The backlog as it was counted last.
    public var waiting: [Waiting] = []
    /// For how long the delivery that is due longest has been due, in seconds, by channel.
    public var oldestDueSeconds: [String: Double] = [:]
    public var held: [Held] = []
    /// What operators have paused, oldest first.
    public var pauses: [PauseStatus] = []
    /// The subscriptions to events, in the order of the settings.
    public var subscriptions: [EventSubscriptionStatus] = []
    /// The logs that messages are taken from, in the order of the settings.
    public var sources: [SourceStatus] = []
    public var brokenTemplates: [String] = []
    public var refusedFiles: [RefusedFile] = []
    /// Settings whose new values come into force at the next start.
    public var pendingRestart: [String] = []
    /// What the warnings are about, without any names.
    public var subjects: Set<WarningSubject> = []
    /// Whether the clock is trusted, and how far it is from the system's, in seconds.
    public var isClockTrusted = true
    public var clockOffsetSeconds = 0.0
    /// The bytes that may still be written beside the data; nil: not known.
    public var freeBytes: Int?
    /// Whether the store takes writes now.
    public var isWritable = true
    public var http = HTTPLoad()

    /// Adds a warning.
    public mutating func warn(_ subject: WarningSubject, _ text: String) {
        warnings.append(text)
        subjects.insert(subject)
    }

    /// Makes the condition.
    public init(
        warnings: [String] = [], providers: [ProviderStatus] = [], inFlight: Int = 0, policyVersion: Int = 0
    ) {
        self.warnings = warnings
        self.providers = providers
        self.inFlight = inFlight
        self.policyVersion = policyVersion
    }
}
