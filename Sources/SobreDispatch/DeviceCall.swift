import SobreDelivery
import SobreModel
import Synchronization

/// One of the calls of an attempt that reaches several devices of a person.
struct DeviceCall: Sendable {
    var provider: String
    var address: Address
    var outcome: Outcome
    /// False when the provider was never asked.
    var hasBegun: Bool
    /// False when there was no provider to take a place with.
    var hasPlace = true
}

/// Gathers what the calls to a person's devices came to: one attempt, one contact, one outcome.
final class DeviceCalls: Sendable {
    private let calls: Mutex<[DeviceCall?]>

    init(count: Int) { calls = Mutex(Array(repeating: nil, count: count)) }

    /// Notes the end of one call. Returns all of them once the last has ended.
    func ended(_ index: Int, _ call: DeviceCall) -> [DeviceCall]? {
        calls.withLock { calls in
            calls[index] = call
            let ended = calls.compactMap { $0 }
            return ended.count == calls.count ? ended : nil
        }
    }

    /// What the attempt came to: accepted if any device's call was; else unknown if any may have been; else what lets
    /// the message be tried again; else the first refusal, one of the content before one of an address.
    static func fold(_ calls: [DeviceCall]) -> Outcome {
        let accepted = calls.filter { $0.outcome.kind.proof == .sent }
        if var outcome = accepted.first?.outcome {
            let count = "\(accepted.count) of \(calls.count) devices"
            outcome.detail = outcome.detail.isEmpty ? count : "\(count): \(outcome.detail)"
            return outcome
        }
        if let unknown = calls.first(where: { $0.outcome.kind.proof == .unknown }) { return unknown.outcome }
        let retryable = calls.map(\.outcome).filter(\.kind.isRetryable)
        // What costs an attempt decides, so that tries come to an end.
        let costly = retryable.filter { $0.kind.fault != .account }
        if var outcome = costly.first(where: { $0.kind.fault != .rate }) ?? costly.first ?? retryable.first {
            outcome.retryAfter = costly.compactMap(\.retryAfter).max()
            return outcome
        }
        let outcomes = calls.map(\.outcome)
        return outcomes.first { !OutcomePolicy.blamesAddress($0.kind) } ?? outcomes[0]
    }
}
