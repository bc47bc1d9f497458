public import SobreModel

/// How a running node does, in words and few numbers: the answer of `GET /v1/status`.
public struct NodeCondition: Sendable, Hashable {
    /// One provider as operators see it.
    public struct ProviderStatus: Sendable, Hashable {
        public var name: String
        public var channel: String
        /// `open` (healthy), `limited` (at its rate, or it asked for less) or `broken` (it fails, or its settings or account
        /// are at fault).
        public var state: String
        public var inFlight: Int
        /// Until when it is left alone; nil: it is not.
        public var until: Instant?
        /// Why it is broken; nil: it is not.
        public var why: String?

        /// Makes the status.
        public init(name: String, channel: String, state: String, inFlight: Int) {
            self.name = name
            self.channel = channel
            self.state = state
            self.inFlight = inFlight
        }
    }

    /// What somebody should look at, a sentence each; empty: nothing.
    public var warnings: [String]
    public var providers: [ProviderStatus]
    /// Attempts and claims under way.
    public var inFlight: Int
    public var policyVersion: Int

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
