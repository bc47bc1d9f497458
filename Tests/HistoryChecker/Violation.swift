/// The promises, by their numbers in the manual's list ("Caps"). `noOverblocking` is the reverse of I11.
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
    case restoreHolds = "I30"
    case pauseHolds = "I31"

    public var description: String { rawValue }

    /// What it promises.
    public var words: String {
        switch self {
        case .acceptedSurvives: "what was accepted survives"
        case .oneMessageAKey: "one idempotency key makes one message"
        case .legalMoves: "deliveries make only the moves of the manual's table"
        case .endsInBoundedTime: "once faults have stopped, everything ends or is scheduled"
        case .intentBeforeRequest: "every request has an intent that was durable before it, one a device"
        case .marketingOnce: "marketing is taken at most once"
        case .transactionalOnceOrFlagged:
            "transactional messages are taken a second time only after an unknown, and flagged"
        case .sentIsProven: "what is called sent was taken by a provider"
        case .fewUnknowns: "an outcome is unknown only where a crash, a fault or the provider made it so"
        case .staleChangesNothing: "a claim that is not the newest changes nothing"
        case .capHolds: "no window of a cap holds more contacts than it allows"
        case .noOverblocking: "what is refused for a cap is refused by a full one"
        case .ledgerIsWhole: "the contacts that count are the attempts that are not proven unsent"
        case .stampedLate: "a contact counts from no earlier than it was taken"
        case .nothingStaysOpen: "at rest no attempt is open"
        case .onceAKey: "of messages that say the same one goes out"
        case .suppressionHolds: "nothing goes to whoever is suppressed or has not agreed"
        case .timesAreKept: "nothing goes out in quiet hours, too early, too late, or when it was cancelled"
        case .receiptsFold: "receipts come to the same in any order, and only from whoever had the message"
        case .newestPolicy: "the newest policy decides"
        case .tenantUntouched: "a tenant is untouched by another"
        case .faultsStopSending: "an error never sends"
        case .everyOutcomeExplained: "every refusal says why, and truly"
        case .escalatesWhenNeeded: "a further channel only after the one before has had its turn and its time in vain"
        case .wishHolds: "what a person asked for holds"
        case .habitsDecide: "the best channel and time are those of the person's habits"
        case .groupsAreFixed: "whoever is in a control group is in it for good"
        case .mergeKeepsAll: "a merge keeps every address, refusal and wish of both"
        case .restoreHolds: "after a restore, what may have been sent since the backup is held"
        case .pauseHolds: "nothing begins that an operator has paused"
        }
    }
}

/// A violation of a promise, with its cause.
public struct Violation: Hashable, Sendable, CustomStringConvertible {
    public var invariant: Invariant
    /// Milliseconds of true time since the history began; nil at the end.
    public var at: Int64?
    public var what: String

    public init(_ invariant: Invariant, at: Int64? = nil, _ what: String) {
        self.invariant = invariant
        self.at = at
        self.what = what
    }

    /// The texts of the broken promises, one per line.
    public static func legend(_ violations: [Violation]) -> String {
        let broken = Invariant.allCases.filter { invariant in violations.contains { $0.invariant == invariant } }
        return broken.map { "\($0) promises: \($0.words)." }.joined(separator: "\n")
    }

    public var description: String {
        "\(invariant)\(at.map { " at \($0) ms" } ?? " at the end"): \(what)"
    }
}
