public import SobreModel

/// The status of a running node, as `GET /v1/status` returns it.
public struct NodeCondition: Sendable, Hashable {
    /// The status of one provider.
    public struct ProviderStatus: Sendable, Hashable {
        public var name: String
        public var channel: String
        /// `open` (healthy), `limited` (at its rate limit, or asked by the provider to slow down) or `broken` (calls
        /// fail, or the settings or the account are at fault).
        public var state: String
        public var inFlight: Int
        /// Until when no calls are made; nil if calls are made.
        public var until: Instant?
        /// Why the provider is broken; nil if it is not.
        public var why: String?

        public init(name: String, channel: String, state: String, inFlight: Int) {
            self.name = name
            self.channel = channel
            self.state = state
            self.inFlight = inFlight
        }
    }

    /// Warnings for operators, one sentence each.
    public var warnings: [String]
    public var providers: [ProviderStatus]
    /// The number of attempts and claims in progress.
    public var inFlight: Int
    public var policyVersion: Int

    public init(
        warnings: [String] = [], providers: [ProviderStatus] = [], inFlight: Int = 0, policyVersion: Int = 0
    ) {
        self.warnings = warnings
        self.providers = providers
        self.inFlight = inFlight
        self.policyVersion = policyVersion
    }
}
