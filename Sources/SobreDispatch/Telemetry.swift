import Metrics
import SobreModel
import SobreStore
import Synchronization

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
    private let waits: [Channel: Metrics.Timer]
    private let providers = Mutex<[String: ProviderSeries]>([:])
    private let admissions = Telemetry.decisions("send", nil)
    /// Decisions that refuse, by verdict and rule; made when the first of its kind occurs.
    private let refusals = Mutex<[Refusal: Counter]>([:])

    private struct Refusal: Hashable, Sendable {
        var verdict: String
        var rule: DecidingRule?
    }

    /// The series of one provider.
    private struct ProviderSeries: Sendable {
        let time: Metrics.Timer
        /// By ``Outcome/Kind``, made when the first of its kind occurs.
        var outcomes: [Outcome.Kind: Counter] = [:]

        init(_ provider: String) {
            time = Timer(label: "sobre_provider_call_seconds", dimensions: [("provider", provider)])
        }
    }

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
        waits = Dictionary(
            uniqueKeysWithValues: Channel.allCases.map {
                ($0, Timer(label: "sobre_accepted_to_sent_seconds", dimensions: [("channel", $0.description)]))
            })
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

    /// Counts deliveries that may be sent.
    func admitted(_ count: Int) {
        transition(to: .attempting, count: count)
        admissions.increment(by: count)
    }

    /// Counts a decision that refuses a delivery, for now or for good.
    func refused(_ decision: AdmissionDecision) {
        switch decision.verdict {
        case .hold(_, let reason):
            transition(to: .held)
            holds[reason.rawValue]?.increment()
            count("hold", by: decision.decidedBy)
        case .drop(let reason):
            transition(to: .dropped)
            drops[reason.rawValue]?.increment()
            count("drop", by: decision.decidedBy)
        case .expire:
            transition(to: .expired)
            count("expire", by: decision.decidedBy)
        case .send, .reroute: break
        }
    }

    private func count(_ verdict: String, by rule: DecidingRule?) {
        let refusal = Refusal(verdict: verdict, rule: rule)
        let counter = refusals.withLock { refusals in
            if let known = refusals[refusal] { return known }
            let new = Self.decisions(verdict, rule)
            refusals[refusal] = new
            return new
        }
        counter.increment()
    }

    private static func decisions(_ verdict: String, _ rule: DecidingRule?) -> Counter {
        Counter(
            label: "sobre_decisions_total",
            dimensions: [("verdict", verdict), ("step", rule?.step ?? ""), ("rule", rule?.rule ?? "")])
    }

    /// Counts a call to a provider.
    ///
    /// - Parameters:
    ///   - provider: its name in the settings.
    ///   - kind: the outcome.
    ///   - took: from the first byte until the outcome; nil: the call never came so far.
    func called(_ provider: String, _ kind: Outcome.Kind, took: Duration?) {
        let (time, count) = providers.withLock { providers in
            if let series = providers[provider], let count = series.outcomes[kind] { return (series.time, count) }
            let count = Counter(
                label: "sobre_attempts_total", dimensions: [("provider", provider), ("outcome", kind.rawValue)])
            let series = providers[provider] ?? ProviderSeries(provider)
            providers[provider] = series
            providers[provider]?.outcomes[kind] = count
            return (series.time, count)
        }
        count.increment()
        if let took { time.recordNanoseconds(Self.nanoseconds(took)) }
    }

    /// Notes that a provider accepted a delivery which could have been sent since `start`.
    func sent(_ channel: Channel?, since start: Instant, at now: Instant) {
        guard let channel else { return }
        waits[channel]?.recordNanoseconds(Self.nanoseconds(max(.zero, now - start)))
    }

    private static func nanoseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }

    func claimed(_ count: Int) { batches.record(count) }
    func storeFault() { storeFaults.increment() }
    func resent() { resends.increment() }
    func late(_ count: Int) { lateOutcomes.increment(by: count) }
}
