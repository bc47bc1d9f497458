/// How often a running server looks at itself and at its files. The section `monitor` of the settings.
public struct MonitorLimits: Hashable, Sendable {
    /// Between two looks at the clock and the providers.
    public var interval = Duration.seconds(1)
    /// Between two counts of the backlog. A count may take a twentieth of the time at most: after a long one, longer.
    public var backlogInterval = Duration.seconds(5)
    /// Between two looks for changed templates and a changed policy.
    public var reloadInterval = Duration.seconds(1)

    public init() {}

    static let keys: [SettingsKey<Self>] = [
        .duration("interval", \.interval, .milliseconds(10)...(.seconds(3_600))),
        .duration("backlog_interval", \.backlogInterval, .milliseconds(10)...(.seconds(86_400))),
        .duration("reload_interval", \.reloadInterval, .milliseconds(10)...(.seconds(86_400))),
    ]
}
