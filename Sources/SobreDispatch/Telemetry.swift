import Metrics
import SobreModel
import SobreStore

/// The dispatcher's metrics, created once and shared, so that nothing is looked up on the hot path.
final class Telemetry: Sendable {
    /// By the state's raw value; nil for states that the pipeline does not set.
    private let transitions: [Counter?]
    private let holds: [String: Counter]
    private let drops: [String: Counter]
    private let failures: [String: Counter]
    private let batches = Recorder(label: "sobre_claim_batch_size")
    private let storeFaults = Counter(label: "sobre_store_faults_total")
    private let resends = Counter(label: "sobre_resends_total")
    private let lateOutcomes = Counter(label: "sobre_late_outcomes_total")

    init() {
        // Only states the pipeline sets. Acceptance and receipts count theirs elsewhere.
        let states: [DeliveryState] = [
            .held, .deferred, .attempting, .sent, .failed, .dropped, .unknown, .cancelled, .expired,
        ]
        var transitions = [Counter?](repeating: nil, count: DeliveryState.allCases.count + 1)
        for state in states {
            transitions[Int(state.rawValue)] = Counter(
                label: "sobre_transitions_total", dimensions: [("state", state.description)])
        }
        self.transitions = transitions
        holds = Self.counters("sobre_held_total", HoldReason.allCases.map(\.rawValue))
        drops = Self.counters("sobre_dropped_total", DropReason.allCases.map(\.rawValue))
        failures = Self.counters("sobre_failed_total", FailureReason.allCases.map(\.rawValue))
    }

    private static func counters(_ label: String, _ reasons: [String]) -> [String: Counter] {
        Dictionary(
            uniqueKeysWithValues: reasons.map { ($0, Counter(label: label, dimensions: [("reason", $0)])) })
    }

    func transition(_ entry: LogEntry) { transition(to: entry.state, for: entry.reason) }

    func transition(_ change: DeliveryChange) { transition(to: change.state, for: change.reason) }

    private func transition(to state: DeliveryState, for reason: String) {
        transition(to: state)
        switch state {
        case .held: holds[reason]?.increment()
        case .dropped: drops[reason]?.increment()
        case .failed: failures[reason]?.increment()
        default: break
        }
    }

    func transition(to state: DeliveryState, count: Int = 1) {
        transitions[Int(state.rawValue)]?.increment(by: count)
    }

    func decided(_ verdict: AdmissionDecision.Verdict) {
        switch verdict {
        case .hold(_, let reason):
            transition(to: .held)
            holds[reason.rawValue]?.increment()
        case .drop(let reason):
            transition(to: .dropped)
            drops[reason.rawValue]?.increment()
        case .expire: transition(to: .expired)
        case .send, .reroute: break
        }
    }

    func claimed(_ count: Int) { batches.record(count) }
    func storeFault() { storeFaults.increment() }
    func resent() { resends.increment() }
    func late(_ count: Int) { lateOutcomes.increment(by: count) }
}
