/// A request on its way into the loop.
struct Submission: Sendable {
    let id: TransferID
    let request: HTTPRequest
    let submittedAt: MonotonicTime
    let originKey: UInt64
    let completion: @Sendable (TransferResult) -> Void

    /// When the request's total time is over.
    var deadline: MonotonicTime {
        submittedAt.advanced(byMilliseconds: request.totalTimeout.wholeMilliseconds)
    }

    /// Completes a request that never became a transfer.
    func refuse(_ failure: TransferFailure) {
        let waited = MonotonicTime.now().duration(since: submittedAt)
        completion(
            TransferResult(
                id: id, outcome: .failure(failure), requestBytesSent: 0, waitTime: waited, connectTime: .zero,
                totalTime: .zero))
    }
}
