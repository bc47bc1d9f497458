import Threads

/// A request on its way into the loop. A class, so that the queues on the way hold one reference.
final class Submission: Sendable {
    let id: TransferID
    let request: HTTPRequest
    let submittedAt: MonotonicTime
    let originKey: UInt64
    /// When the request's total time is over.
    let deadline: MonotonicTime
    let completion: @Sendable (TransferResult) -> Void

    init(
        id: TransferID, request: HTTPRequest, submittedAt: MonotonicTime, originKey: UInt64,
        completion: @escaping @Sendable (TransferResult) -> Void
    ) {
        self.id = id
        self.request = request
        self.submittedAt = submittedAt
        self.originKey = originKey
        deadline = submittedAt.advanced(byMilliseconds: request.totalTimeout.wholeMilliseconds)
        self.completion = completion
    }

    /// Whether the request may begin now.
    var mayBegin: Bool { request.mayBegin?() ?? true }

    /// Completes a request that never became a transfer.
    func refuse(_ failure: TransferFailure) {
        let waited = MonotonicTime.now().duration(since: submittedAt)
        completion(
            TransferResult(
                id: id, outcome: .failure(failure), requestBytesSent: 0, waitTime: waited, connectTime: .zero,
                totalTime: .zero))
    }
}
