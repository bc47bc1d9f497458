/// The state of the node that decides, as far as decisions depend on it.
///
/// Facts describe the recipient. Conditions describe the node: its data, its clock and its policy. The dispatcher, dry
/// runs, previews and simulations pass both to the same decision, so they all hold the same messages.
public struct AdmissionConditions: Hashable, Sendable {
    /// When the data were restored from a backup; nil when they were not. What was sent between the backup and this
    /// time is unknown.
    public var restoredAt: Instant?
    /// Why the wall clock is not trusted; nil when it is.
    public var clockAlarm: ClockAlarm?
    /// Accepted jumps of the clock. Contacts recorded before one of them are younger than their times say.
    public var clockCorrections: [ClockCorrection]
    /// How far back the ledger in the facts reaches; nil for as far as any policy needs.
    public var horizon: Duration?
    /// The channels that take a free text only for a while after the recipient's last message; nil: none does.
    public var replyWindows: ReplyWindows?
    /// The names of the providers of each channel. A pause of all of them holds the channel's messages.
    public var providers: [Channel: [String]]

    public init(
        restoredAt: Instant? = nil, clockAlarm: ClockAlarm? = nil, clockCorrections: [ClockCorrection] = [],
        horizon: Duration? = nil, replyWindows: ReplyWindows? = nil, providers: [Channel: [String]] = [:]
    ) {
        self.restoredAt = restoredAt
        self.clockAlarm = clockAlarm
        self.clockCorrections = clockCorrections
        self.horizon = horizon
        self.replyWindows = replyWindows
        self.providers = providers
    }

    /// The conditions that a node's clock gives.
    ///
    /// - Parameters:
    ///   - time: the node's clock.
    ///   - horizon: how far back the ledger of the facts reaches.
    ///   - providers: the names of the providers of each channel.
    public init(of time: some TimeSource, horizon: Duration, providers: [Channel: [String]] = [:]) {
        self.init(
            clockAlarm: time.alarm, clockCorrections: time.corrections, horizon: horizon, providers: providers)
    }

    /// How far back the ledger must be read for a policy with this horizon. Contacts from before a clock jump look
    /// older than they are.
    public func readingHorizon(for horizon: Duration) -> Duration {
        clockCorrections.reduce(horizon) { $0 + $1.by }
    }

    /// Complete data, a trusted clock and no horizon limit.
    public static let normal = AdmissionConditions()
}
