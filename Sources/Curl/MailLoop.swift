import Threads

/// Hands messages to mail servers, on a thread of its own.
///
/// libcurl's own SMTP would block the whole multi loop while a server processes a message, and it does not pipeline. So
/// libcurl only connects, greets, starts TLS and logs in. The rest is ``SMTPConversation`` over `curl_easy_send` and
/// `curl_easy_recv`, and each connection waits only for itself. The rules of ``CurlLoop`` apply here too. There is a
/// second thread so that libcurl's limits on the age and number of HTTP connections can never close a mail connection
/// in use.
///
/// A connection carries many messages, one after the other. If the server has already closed a reused connection, the
/// message is tried once more on a new one; its end was never sent.
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
    /// `completion` runs exactly once. It usually runs on the loop thread, where it must return within microseconds; it
    /// may submit again but must not block. For a message that is rejected at once (malformed, overloaded, shut down),
    /// it runs on the calling thread before `submit` returns.
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

    /// Sends one message and waits for its result. Cancelling the task cancels the message.
    public func perform(_ submission: MailSubmission) async -> MailResult {
        let id = inbox.makeID()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let completion: @Sendable (MailResult) -> Void = { continuation.resume(returning: $0) }
                submit([(submission, completion)], [id])
                // The cancellation handler may have run before the message was submitted.
                if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
        }
    }

    /// Cancels a message. Its completion still runs, with ``TransferFailure/Reason/cancelled`` unless the message was
    /// done.
    public func cancel(_ id: TransferID) {
        inbox.cancel(id)
    }

    /// Rejects new and waiting messages, lets those in progress finish for at most `grace`, and returns when every
    /// connection is closed. All completions have run by then.
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
