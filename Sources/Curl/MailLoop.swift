import Threads

/// Hands messages to mail servers, on one thread of its own.
///
/// libcurl's own SMTP would hold the whole multi loop while a server thinks about a message, and does not pipeline. So
/// libcurl only connects, greets, secures and logs in; the rest is ``SMTPConversation`` over `curl_easy_send` and
/// `curl_easy_recv`, each connection waiting for itself. The rules of ``CurlLoop`` hold here too. The thread is a second
/// one so that libcurl's housekeeping for HTTP connections (age, count) can never close a mail connection in use.
///
/// A connection serves many messages, one after the other. A message that meets a reused connection which the server has
/// already closed is tried once more on a new one: its end was never sent.
public final class MailLoop: Sendable {
    /// The bounds this loop was made with.
    public let configuration: MailLoopConfiguration

    private let inbox: LoopInbox<MailEntry>

    /// Starts the loop's thread.
    public init(configuration: MailLoopConfiguration = MailLoopConfiguration()) {
        _ = CurlGlobal.ready
        self.configuration = configuration
        let inbox = LoopInbox<MailEntry>(maxWaiting: configuration.maxWaiting)
        self.inbox = inbox
        DedicatedThread.start(name: "mail-loop") {
            MailLoopThread(configuration: configuration, inbox: inbox).run()
            inbox.finish()
        }
    }

    deinit {
        inbox.close(stopsAt: MonotonicTime.now())
    }

    /// Submits one message.
    ///
    /// `completion` runs exactly once: on the loop thread, where it must return within microseconds and may submit again
    /// but never block; or, for a message refused at once (malformed, overloaded, shut down), on the calling thread before
    /// `submit` returns.
    ///
    /// - Returns: an id for ``cancel(_:)``.
    @discardableResult
    public func submit(
        _ submission: MailSubmission, completion: @escaping @Sendable (MailResult) -> Void
    ) -> TransferID {
        submit([(submission, completion)])[0]
    }

    /// Submits many messages under one lock and with one wakeup.
    ///
    /// - Returns: the ids, in the order of `submissions`.
    @discardableResult
    public func submit(
        _ submissions: [(submission: MailSubmission, completion: @Sendable (MailResult) -> Void)]
    ) -> [TransferID] {
        let ids = submissions.map { _ in inbox.makeID() }
        submit(submissions, ids)
        return ids
    }

    /// Sends one message and waits for its end; cancelling the task cancels the message.
    public func perform(_ submission: MailSubmission) async -> MailResult {
        let id = inbox.makeID()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let completion: @Sendable (MailResult) -> Void = { continuation.resume(returning: $0) }
                submit([(submission, completion)], [id])
                // The handler may have run before the message was there to be cancelled.
                if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
        }
    }

    /// Gives a message up; its completion still runs, with ``TransferFailure/Reason/cancelled`` unless it was done.
    public func cancel(_ id: TransferID) {
        inbox.cancel(id)
    }

    /// Refuses new messages and those that wait, lets those under way finish for at most `grace`, and returns when every
    /// connection is closed. Every completion has run by then.
    public func shutdown(grace: Duration = .seconds(5)) async {
        await withCheckedContinuation { continuation in
            let stopsAt = MonotonicTime.now().advanced(byMilliseconds: grace.wholeMilliseconds)
            inbox.close(stopsAt: stopsAt) { continuation.resume() }
        }
    }

    private func submit(
        _ submissions: [(submission: MailSubmission, completion: @Sendable (MailResult) -> Void)], _ ids: [TransferID]
    ) {
        let now = MonotonicTime.now()
        var entries: [MailEntry] = []
        entries.reserveCapacity(submissions.count)
        for ((submission, completion), id) in zip(submissions, ids) {
            do throws(TransferFailure) {
                try submission.validate()
                entries.append(
                    try MailEntry(id: id, submission: submission, submittedAt: now, completion: completion))
            } catch {
                completion(MailResult(id: id, outcome: .failed(error), waitTime: .zero, totalTime: .zero))
            }
        }
        guard !entries.isEmpty else { return }
        let (accepted, refusal) = inbox.add(entries)
        guard let refusal else { return }
        for entry in entries[accepted...] { entry.complete(.failed(refusal)) }
    }
}
