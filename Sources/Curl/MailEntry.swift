import Text
import Threads

/// A message on its way into the mail loop.
struct MailEntry: Sendable {
    let id: TransferID
    let submission: MailSubmission
    /// The message as sent on the wire, including its end marker.
    let wire: [UInt8]
    let hasEightBit: Bool
    /// Whether an address in the envelope or the header needs SMTPUTF8 (RFC 6531 §3.4).
    let needsUTF8: Bool
    let submittedAt: MonotonicTime
    let completion: @Sendable (MailResult) -> Void

    /// Makes an entry from a validated submission.
    ///
    /// - Throws: ``TransferFailure`` when the text cannot be sent unchanged.
    init(
        id: TransferID, submission: MailSubmission, submittedAt: MonotonicTime,
        completion: @escaping @Sendable (MailResult) -> Void
    ) throws(TransferFailure) {
        self.id = id
        self.submission = submission
        self.submittedAt = submittedAt
        self.completion = completion
        wire = try SMTPData.encode(submission.data)
        hasEightBit = submission.data.contains { $0 >= 0x80 }
        needsUTF8 =
            !submission.from.isASCII || submission.recipients.contains { !$0.isASCII }
            || hasEightBit && SMTPData.headerHasEightBit(submission.data)
    }

    /// When it was assigned to a connection; nil while it waits.
    var startedAt: MonotonicTime?

    /// Whether it is being retried after a reused connection turned out to be dead.
    var isSecondTry = false

    /// Whether it was cancelled after its first commands had been sent.
    var isCancelled = false

    /// Why the message must not be handed over now; nil if it may be.
    var withdrawal: TransferFailure? {
        if isCancelled { return .cancelledWaiting }
        return submission.mayBegin?() ?? true ? nil : .notPermitted
    }

    var deadline: MonotonicTime {
        submittedAt.advanced(byMilliseconds: submission.totalTimeout.wholeMilliseconds)
    }

    /// Reports the outcome to the caller. Called once for each entry.
    func complete(_ outcome: MailOutcome) {
        let now = MonotonicTime.now()
        let started = startedAt ?? now
        completion(
            MailResult(
                id: id, outcome: outcome, waitTime: started.duration(since: submittedAt),
                totalTime: now.duration(since: started)))
    }
}
