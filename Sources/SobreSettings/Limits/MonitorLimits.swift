/// The intervals of a running server's checks. Section `monitor` of the settings.
public struct MonitorLimits: Hashable, Sendable {
    /// The interval between checks of the clock and the providers.
    public var interval = Duration.seconds(1)
    /// The interval between counts of the backlog. It is extended after a slow count, so that counting takes at most a
    /// twentieth of the time.
    public var backlogInterval = Duration.seconds(5)
    /// The interval between checks for changed templates and a changed policy.
    public var reloadInterval = Duration.seconds(1)

    /// With less free on the disk of the data directory than this, status and doctor warn.
    public var lowRoomBytes = 512 << 20

    /// How long a changed policy file must stay as it is before it is put in force.
    public var policyRest = Duration.seconds(1)

    /// How far back deliveries that ended with an unknown outcome are compared.
    public var unknownWindow = Duration.seconds(600)
    /// So many more than there were in ``unknownWindow`` make a warning.
    public var unknownGrowth = 20

    public init() {}

    static let keys: [SettingsKey<Self>] = [
        .duration("interval", \.interval, .milliseconds(10)...(.seconds(3_600))),
        .duration("backlog_interval", \.backlogInterval, .milliseconds(10)...(.seconds(86_400))),
        .duration("policy_rest", \.policyRest, .zero...(.seconds(3_600))),
        .bytes("low_room", \.lowRoomBytes, 0...(1 << 44)),
        .duration("unknown_window", \.unknownWindow, .seconds(1)...(.seconds(86_400))),
        .count("unknown_growth", \.unknownGrowth, 1...1_000_000_000),
        .duration("reload_interval", \.reloadInterval, .milliseconds(10)...(.seconds(86_400))),
    ]
}
