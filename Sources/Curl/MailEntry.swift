/// A message on its way into the mail loop.
struct MailEntry: Sendable {
    let id: TransferID
    let submission: MailSubmission
    /// The message as it goes over the wire, its end included.
    let wire: [UInt8]
    let hasEightBit: Bool
    let submittedAt: MonotonicTime
    let completion: @Sendable (MailResult) -> Void

    /// When it was given to a connection; nil while it waits.
    var startedAt: MonotonicTime?

    /// Whether it comes back from a reused connection that turned out to be dead.
    var isSecondTry = false

    var deadline: MonotonicTime {
        submittedAt.advanced(byMilliseconds: submission.totalTimeout.wholeMilliseconds)
    }

    /// Tells the caller the outcome. Called once for each entry.
    func complete(_ outcome: MailOutcome) {
        let now = MonotonicTime.now()
        let started = startedAt ?? now
        completion(
            MailResult(
                id: id, outcome: outcome, waitTime: started.duration(since: submittedAt),
                totalTime: now.duration(since: started)))
    }
}
