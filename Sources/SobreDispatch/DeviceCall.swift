import SobreDelivery
import SobreModel
import Synchronization

/// One provider call of an attempt that reaches several devices of the recipient.
struct DeviceCall: Sendable {
    var provider: String
    var address: Address
    var outcome: Outcome
    /// False when the provider was never asked.
    var hasBegun: Bool
    /// False when no provider was available for the call, so that no place was taken with one.
    var hasPlace = true
}

/// Collects the outcomes of the calls to a recipient's devices. Together they are one attempt with one outcome.
final class DeviceCalls: Sendable {
    private let calls: Mutex<[DeviceCall?]>

    init(count: Int) { calls = Mutex(Array(repeating: nil, count: count)) }

    /// Records the end of one call. Returns all calls after the last one has ended, else nil.
    func ended(_ index: Int, _ call: DeviceCall) -> [DeviceCall]? {
        calls.withLock { calls in
            calls[index] = call
            let ended = calls.compactMap { $0 }
            return ended.count == calls.count ? ended : nil
        }
    }

    /// Combines the outcomes of all calls into the outcome of the attempt. In order of precedence:
    ///
    /// - accepted, if the call to any device was accepted;
    /// - unknown, if any call may have been accepted;
    /// - a retryable outcome, if there is one;
    /// - the first rejection; a rejection of the content comes before one of an address.
    static func fold(_ calls: [DeviceCall]) -> Outcome {
        let accepted = calls.filter { $0.outcome.kind.proof == .sent }
        if var outcome = accepted.first?.outcome {
            let count = "\(accepted.count) of \(calls.count) devices"
            outcome.detail = outcome.detail.isEmpty ? count : "\(count): \(outcome.detail)"
            return outcome
        }
        if let unknown = calls.first(where: { $0.outcome.kind.proof == .unknown }) { return unknown.outcome }
        let retryable = calls.map(\.outcome).filter(\.kind.isRetryable)
        // An outcome that uses up an attempt takes precedence, so that the retries end.
        let costly = retryable.filter { $0.kind.fault != .account }
        if var outcome = costly.first(where: { $0.kind.fault != .rate }) ?? costly.first ?? retryable.first {
            outcome.retryAfter = costly.compactMap(\.retryAfter).max()
            return outcome
        }
        let outcomes = calls.map(\.outcome)
        return outcomes.first { !OutcomePolicy.blamesAddress($0.kind) } ?? outcomes[0]
    }
}
