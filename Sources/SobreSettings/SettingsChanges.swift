/// What differs between two readings of the settings, by key.
public struct SettingsChanges: Hashable, Sendable {
    /// What a running server puts in force: `health.failures`, `providers.twilio`, `routes.sms`.
    public var live: [String]
    /// What comes into force at the next start only.
    public var restart: [String]

    public init(live: [String] = [], restart: [String] = []) {
        self.live = live
        self.restart = restart
    }
}
