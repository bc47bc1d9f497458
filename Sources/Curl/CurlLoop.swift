import Threads

/// Many HTTP transfers at once on one thread of their own, by libcurl's multi interface.
///
/// The thread goes round: take from the inbox, start, wait for sockets, let libcurl work on those that are ready
/// (`curl_multi_socket_action`), complete what is done. Other threads append to the locked inbox and wake it.
///
/// The rules, which the files of this target keep:
/// - Every libcurl call on a handle happens on the loop thread. Wakeups alone come from elsewhere, under the inbox's
///   lock, and never after what they write to is gone.
/// - `curl_global_init` runs once a process, before the first handle.
/// - `CURLOPT_NOSIGNAL` is set, and the loop thread blocks every signal, `SIGPIPE` among them.
/// - A running transfer is held by the loop's array from `curl_multi_add_handle` to `curl_multi_remove_handle`, and
///   completes exactly once, at the one place that removes it.
/// - Header lists and bodies live as long as the transfer that uses them, in memory of ours; error buffers are memory we
///   allocate and free with their handle.
/// - Cancelling is a mark in the inbox and a wakeup; the loop thread does it.
/// - `CURLOPT_PROTOCOLS_STR` lets `http` and `https` through for requests, `smtp` and `smtps` for mail, nothing else;
///   redirects are not followed.
/// - libcurl asks before it writes a request: before a second time it is told no, so that it cannot send a POST twice by
///   itself.
/// - Transfers in flight, in all and for each host, requests waiting, connections, response bytes, connect and total
///   time are bounded by the configuration or the request.
public final class CurlLoop: Sendable {
    /// The bounds this loop was made with.
    public let configuration: CurlLoopConfiguration

    let inbox: LoopInbox<Submission>

    /// Starts the loop's thread.
    public init(configuration: CurlLoopConfiguration = CurlLoopConfiguration()) {
        _ = CurlGlobal.ready
        self.configuration = configuration
        let inbox = LoopInbox<Submission>(maxWaiting: configuration.maxWaiting)
        self.inbox = inbox
        DedicatedThread.start(name: "curl-loop") {
            // The loop object goes away, and with it every handle, before anyone hears that the loop has ended.
            LoopThread(configuration: configuration, inbox: inbox).run()
            inbox.finish()
        }
    }

    deinit {
        // Without an owner nobody can submit or cancel: running transfers end at once.
        inbox.close(stopsAt: MonotonicTime.now())
    }

    /// Submits one request.
    ///
    /// `completion` runs exactly once: on the loop thread, where it must return within microseconds and may submit again
    /// but never block; or, for a request refused at once (malformed, overloaded, shut down), on the calling thread
    /// before `submit` returns.
    ///
    /// - Returns: an id for ``cancel(_:)``.
    @discardableResult
    public func submit(
        _ request: HTTPRequest, completion: @escaping @Sendable (TransferResult) -> Void
    ) -> TransferID {
        let id = inbox.makeID()
        submit([makeSubmission(request, id, .now(), completion)])
        return id
    }

    /// Submits many requests under one lock and with one wakeup; the rules are those of
    /// ``submit(_:completion:)``.
    ///
    /// - Returns: the ids, in the order of `requests`.
    @discardableResult
    public func submit(
        _ requests: [(request: HTTPRequest, completion: @Sendable (TransferResult) -> Void)]
    ) -> [TransferID] {
        let now = MonotonicTime.now()
        let submissions = requests.map { makeSubmission($0.request, inbox.makeID(), now, $0.completion) }
        submit(submissions)
        return submissions.map(\.id)
    }

    /// Sends one request and waits for its end; cancelling the task cancels the transfer.
    public func perform(_ request: HTTPRequest) async -> TransferResult {
        let id = inbox.makeID()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                submit([makeSubmission(request, id, .now()) { continuation.resume(returning: $0) }])
                // The handler may have run before the request was there to be cancelled.
                if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
        }
    }

    /// Ends a transfer early; its completion still runs, with ``TransferFailure/Reason/cancelled`` unless it was done.
    public func cancel(_ id: TransferID) {
        inbox.cancel(id)
    }

    /// Refuses new requests and those that wait, lets running transfers finish for at most `grace`, ends the rest and
    /// returns when the thread has freed everything. Every completion has run by then.
    public func shutdown(grace: Duration = .seconds(5)) async {
        await withCheckedContinuation { continuation in
            let stopsAt = MonotonicTime.now().advanced(byMilliseconds: grace.wholeMilliseconds)
            inbox.close(stopsAt: stopsAt) { continuation.resume() }
        }
    }

    private func makeSubmission(
        _ request: HTTPRequest, _ id: TransferID, _ now: MonotonicTime,
        _ completion: @escaping @Sendable (TransferResult) -> Void
    ) -> Submission {
        Submission(
            id: id, request: request, submittedAt: now, originKey: request.originKey, completion: completion)
    }

    private func submit(_ submissions: [Submission]) {
        var valid: [Submission] = []
        valid.reserveCapacity(submissions.count)
        for submission in submissions {
            do throws(TransferFailure) {
                try submission.request.validate(maxHeaderBytes: configuration.maxRequestHeaderBytes)
                valid.append(submission)
            } catch {
                submission.refuse(error)
            }
        }
        guard !valid.isEmpty else { return }
        let (accepted, refusal) = inbox.add(valid)
        guard let refusal else { return }
        for submission in valid[accepted...] { submission.refuse(refusal) }
    }
}
