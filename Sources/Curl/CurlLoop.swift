import Threads

/// Many concurrent HTTP transfers on a thread of their own, with libcurl's multi interface.
///
/// Each turn of the thread takes requests from the inbox, starts them, waits for sockets, lets libcurl work on those
/// that are ready (`curl_multi_socket_action`) and completes what is done. Other threads append to the locked inbox and
/// wake the thread.
///
/// The files of this target follow these rules:
/// - All libcurl calls on a handle are made on the loop thread. Only wakeups come from other threads. They are sent
///   under the inbox's lock, and never after their target is freed.
/// - `curl_global_init` runs once per process, before the first handle.
/// - `CURLOPT_NOSIGNAL` is set, and the loop thread blocks every signal, including `SIGPIPE`.
/// - The loop's array holds a running transfer from `curl_multi_add_handle` to `curl_multi_remove_handle`. It completes
///   exactly once, at the only place that removes it.
/// - Header lists and bodies are in our own memory and live as long as the transfer that uses them. Error buffers are
///   allocated by us and freed with their handle.
/// - Cancelling adds an entry to the inbox and wakes the loop thread, which cancels the transfer.
/// - `CURLOPT_PROTOCOLS_STR` allows only `http` and `https` for requests, and `smtp` and `smtps` for mail. Redirects
///   are not followed.
/// - libcurl asks before each time it writes a request. The second time is denied, so that it cannot send a POST twice
///   on its own.
/// - The configuration or the request bounds the transfers in flight (in total and per host), the waiting requests, the
///   connections, the response bytes, and the connect and total time.
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
            // The loop object, and with it every handle, is freed before anyone is told that the loop has ended.
            LoopThread(configuration: configuration, inbox: inbox).run()
            inbox.finish()
        }
    }

    deinit {
        // Without an owner, no one can submit or cancel any more. Running transfers end at once.
        inbox.close(stopsAt: MonotonicTime.now())
    }

    /// Submits one request.
    ///
    /// `completion` runs exactly once. It usually runs on the loop thread, where it must return within microseconds; it
    /// may submit again but must not block. For a request that is rejected at once (malformed, overloaded, shut down),
    /// it runs on the calling thread before `submit` returns.
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

    /// Submits many requests under one lock and with one wakeup. The rules of ``submit(_:completion:)`` apply.
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

    /// Sends one request and waits for its result. Cancelling the task cancels the transfer.
    public func perform(_ request: HTTPRequest) async -> TransferResult {
        let id = inbox.makeID()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                submit([makeSubmission(request, id, .now()) { continuation.resume(returning: $0) }])
                // The cancellation handler may have run before the request was submitted.
                if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
        }
    }

    /// Cancels a transfer. Its completion still runs, with ``TransferFailure/Reason/cancelled`` unless the transfer was
    /// done.
    public func cancel(_ id: TransferID) {
        inbox.cancel(id)
    }

    /// Rejects new and waiting requests, lets running transfers finish for at most `grace`, ends the rest and returns
    /// when the thread has freed everything. All completions have run by then.
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
