/// The state of the node that decides, as far as a decision depends on it.
///
/// Facts are about the recipient; conditions are about the node: its data, its clock and its policy. The dispatcher, a
/// dry run, a preview and a simulation pass both to the same decision, so that none of them holds anything back by
/// itself.
public struct AdmissionConditions: Hashable, Sendable {
    /// When the data were restored from a backup; nil: they were not. What was sent between the backup and this time is
    /// unknown.
    public var restoredAt: Instant?
    /// Why the wall clock is not trusted; nil: it is.
    public var clockAlarm: ClockAlarm?
    /// Jumps of the clock that were believed. Contacts recorded before one of them are younger than their times say.
    public var clockCorrections: [ClockCorrection]
    /// How far back the ledger of the facts reaches; nil: as far as any policy looks.
    public var horizon: Duration?

    public init(
        restoredAt: Instant? = nil, clockAlarm: ClockAlarm? = nil, clockCorrections: [ClockCorrection] = [],
        horizon: Duration? = nil
    ) {
        self.restoredAt = restoredAt
        self.clockAlarm = clockAlarm
        self.clockCorrections = clockCorrections
        self.horizon = horizon
    }

    /// How far back the ledger must be read for a policy that looks back so far: contacts from before a jump of the clock
    /// look older than they are.
    public func readingHorizon(for horizon: Duration) -> Duration {
        clockCorrections.reduce(horizon) { $0 + $1.by }
    }

    /// Complete data, a trusted clock and one policy.
    public static let normal = AdmissionConditions()
}
