/// One guarded step that is broken on purpose, to prove that the checker would notice. Each is a lens between the line
/// and the store, or a wrong turn of the simulation's own pieces: the product has no switch for it.
public enum Mutation: String, CaseIterable, Sendable, CustomStringConvertible {
    case noLedgerRow = "no ledger row is seen"
    case releasedOnUnknown = "an unknown outcome releases its row"
    case earlyStamp = "a contact counts from its reservation"
    case openNotCounted = "open rows are not counted"
    case shortHorizon = "the ledger is read for 15 s only"
    case forgetsOtherProfile = "contacts of another profile with the same address are forgotten"
    case noEpochCheck = "stale claims are let through"
    case oldPolicy = "a new policy comes into force half a minute late"
    case dedupDoesNotWait = "a duplicate does not wait for the one in flight"
    case resendsMarketing = "marketing of unknown outcome is sent again"
    case resendsTwice = "a second unknown outcome is sent again"
    case resendUnflagged = "a resend does not say that it may be a duplicate"
    case staleSuppressions = "suppressions are read from a cache that is half a minute old"
    case staleProfile = "consents are read from a cache that is half a minute old"
    case keyNotChecked = "idempotency keys are not looked at"
    case expiryNotChecked = "expiry is not looked at when it is decided"
    case quietNotChecked = "quiet hours are not looked at"
    case reserveNotChecked = "slots reserved for high priority are given to all"
    case cancelLost = "a cancellation is acknowledged and forgotten"
    case acceptedNotDurable = "a message is acknowledged before it is on the disk"
    case rescueSaysUnsent = "after a crash open attempts are taken for unsent"
    case timeoutSaysUnsent = "a call without an answer is taken for unsent"
    case garbageSaysSent = "an answer without an id is taken for an acceptance"
    case callsWithoutIntent = "the call is made although the intent was not written"
    case claimsAreLost = "claims are never given back"
    case countsTwice = "every contact counts twice"
    case retriesNothing = "refusals for now are not tried again"
    case receiptsOverwrite = "a weaker receipt overwrites a stronger one"
    case mergeForgets = "a merge forgets the contacts of the old person"

    /// As it is named on the command line: its words with hyphens.
    public var name: String { String(rawValue.map { $0 == " " ? "-" : $0 }) }

    public var description: String { rawValue }
}
