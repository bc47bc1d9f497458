/// What is promised: the numbers of the manual's list ("Caps"). `noOverblocking` is the other side of I11.
public enum Invariant: String, CaseIterable, Sendable, CustomStringConvertible {
    case acceptedSurvives = "I1"
    case oneMessageAKey = "I2"
    case legalMoves = "I3"
    case endsInBoundedTime = "I4"
    case intentBeforeRequest = "I5"
    case marketingOnce = "I6"
    case transactionalOnceOrFlagged = "I7"
    case sentIsProven = "I8"
    case fewUnknowns = "I9"
    case staleChangesNothing = "I10"
    case capHolds = "I11"
    case ledgerIsWhole = "I12"
    case stampedLate = "I13"
    case nothingStaysOpen = "I14"
    case onceAKey = "I15"
    case suppressionHolds = "I16"
    case timesAreKept = "I17"
    case receiptsFold = "I18"
    case newestPolicy = "I19"
    case tenantUntouched = "I20"
    case faultsStopSending = "I23"
    case everyOutcomeExplained = "I24"
    case noOverblocking = "I11b"
    case escalatesWhenNeeded = "I25"
    case wishHolds = "I26"
    case habitsDecide = "I27"
    case groupsAreFixed = "I28"
    case mergeKeepsAll = "I29"

    public var description: String { rawValue }
}

/// A promise that was broken, and by what.
public struct Violation: Hashable, Sendable, CustomStringConvertible {
    public var invariant: Invariant
    /// Milliseconds of true time since the history began; nil: at the end.
    public var at: Int64?
    public var what: String

    public init(_ invariant: Invariant, at: Int64? = nil, _ what: String) {
        self.invariant = invariant
        self.at = at
        self.what = what
    }

    public var description: String {
        "\(invariant)\(at.map { " at \($0) ms" } ?? " at the end"): \(what)"
    }
}
