import Metrics
import SobreModel

/// The dispatcher's metrics, made once and shared: nothing is looked up on the hot path.
final class Telemetry: Sendable {
    private let transitions: [Counter]
    private let batches = Recorder(label: "sobre_claim_batch_size")
    private let storeFaults = Counter(label: "sobre_store_faults_total")

    init() {
        let states = DeliveryState.allCases
        var counters: [Counter] = []
        for raw in 0...(states.map(\.rawValue).max() ?? 0) {
            let name = DeliveryState(rawValue: raw)?.description ?? "none"
            counters.append(Counter(label: "sobre_transitions_total", dimensions: [("state", name)]))
        }
        transitions = counters
    }

    func transition(_ entry: LogEntry) { transitions[Int(entry.state.rawValue)].increment() }
    func transition(to state: DeliveryState) { transitions[Int(state.rawValue)].increment() }

    func decided(_ verdict: AdmissionDecision.Verdict) {
        switch verdict {
        case .hold: transition(to: .held)
        case .drop: transition(to: .dropped)
        case .expire: transition(to: .expired)
        case .send, .reroute: break
        }
    }

    func claimed(_ count: Int) { batches.record(count) }
    func storeFault() { storeFaults.increment() }
}
