public import SobreModel

/// Keeps which messages a provider has to be asked about. ``AttemptRecord/polls`` adds them with the outcome.
public protocol PollStore: Sendable {
    /// What is due now, the longest due first. Changes nothing.
    func duePolls(limit: Int) async throws(StoreError) -> PollPage

    /// Records answers in one transaction: what was answered is removed and its receipts go to the inbox, the rest is
    /// asked for again.
    ///
    /// - Parameters:
    ///   - results: by the store's numbers.
    ///   - maxWaiting: the maximum number of receipts in the inbox that are not processed yet.
    /// - Throws: `overloaded` when the inbox is full. Then nothing was changed.
    func settle(polls results: [PollResult], maxWaiting: Int) async throws(StoreError)
}

/// What is to be asked for.
public struct PollPage: Sendable {
    public var due: [PendingPoll]
    /// When the next one after these is due; nil when none is.
    public var nextDueAt: Instant?
    /// The time of the store's clock.
    public var now: Instant

    public init(due: [PendingPoll], nextDueAt: Instant?, now: Instant) {
        self.due = due
        self.nextDueAt = nextDueAt
        self.now = now
    }
}

/// The result of one question.
public enum PollResult: Sendable {
    /// It is not asked for any more. A receipt says what became of it.
    case done(id: Int64, Receipt?)
    /// It is asked for again after a wait.
    case again(id: Int64, after: Duration)
}
