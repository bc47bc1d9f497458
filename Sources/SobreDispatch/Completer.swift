import Logging
import SobreDelivery
import SobreModel
import SobreStore
import Synchronization

/// Records outcomes in batches; after the claim nobody else changes a delivery's state.
///
/// Providers end on their own threads and only append here. Nothing is dropped: what cannot be recorded stays, and
/// keeps its permits, so that nothing new is sent that could not be recorded either.
final class Completer: Sendable {
    private struct Ended: Sendable {
        var sent: SentParcel
        var outcome: Outcome
    }

    private struct State {
        var ended: [Ended] = []
        /// Attempts in this process's hands: when each must have ended; nil: it has, and waits to be recorded.
        var inHand: [Int64: ContinuousClock.Instant?] = [:]
        var waiter: CheckedContinuation<Void, Never>?
        var closing = false
    }

    private let state = Mutex(State())
    private let store: any QueueStore
    private let policy: OutcomePolicy
    private let router: Router
    private let gate: InFlightGate
    private let time: any TimeSource
    private let telemetry: Telemetry
    private let logger: Logger

    init(
        store: any QueueStore, policy: OutcomePolicy, router: Router, gate: InFlightGate, time: any TimeSource,
        telemetry: Telemetry, logger: Logger
    ) {
        self.store = store
        self.policy = policy
        self.router = router
        self.gate = gate
        self.time = time
        self.telemetry = telemetry
        self.logger = logger
    }

    /// Notes that an attempt is about to begin and must have ended by an instant.
    func begins(_ ledgerID: Int64, endsBy deadline: ContinuousClock.Instant) {
        state.withLock { $0.inHand[ledgerID] = .some(deadline) }
    }

    /// Whether this process still expects the outcome of an attempt, or has it and cannot record it yet. The wall clock
    /// may have jumped, or the disk may be full: the outcome is not lost for that.
    func expects(_ ledgerID: Int64) -> Bool {
        state.withLock { state in
            guard let deadline = state.inHand[ledgerID] else { return false }
            return deadline.map { ContinuousClock.now < $0 } ?? true
        }
    }

    /// Takes the end of an attempt. Called on any thread; never blocks for long.
    func ended(_ sent: SentParcel, outcome: Outcome) {
        let waiter = state.withLock { state in
            state.ended.append(Ended(sent: sent, outcome: outcome))
            state.inHand[sent.ledgerID] = .some(nil)
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Records until `close` was called and nothing is left.
    func run() async {
        while let batch = await next() { await record(batch) }
    }

    /// Lets `run` end once everything that has ended is recorded.
    func close() {
        let waiter = state.withLock { state in
            state.closing = true
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Allows another `run` after a `close`.
    func reopen() { state.withLock { $0.closing = false } }

    private func next() async -> [Ended]? {
        while true {
            let (batch, closing) = state.withLock { state in
                defer { state.ended = [] }
                return (state.ended, state.closing)
            }
            if !batch.isEmpty { return batch }
            if closing { return nil }
            await withCheckedContinuation { continuation in
                let goOn = state.withLock { state in
                    if !state.ended.isEmpty || state.closing { return true }
                    state.waiter = continuation
                    return false
                }
                if goOn { continuation.resume() }
            }
        }
    }

    private func record(_ batch: [Ended]) async {
        let now = time.now()
        var records: [AttemptRecord] = []
        records.reserveCapacity(batch.count)
        for ended in batch {
            let provider = ended.sent.entry.provider ?? ""
            if !ended.sent.hasBegun {
                router.abandoned(provider)
            } else if router.finished(provider, outcome: ended.outcome, at: now) {
                logger.warning(
                    "breaker opened", metadata: ["provider": "\(provider)", "why": "\(ended.outcome.detail)"])
            }
            records.append(policy.record(of: ended.sent, outcome: ended.outcome, at: now))
        }
        await persist(records)
        state.withLock { state in for record in records { state.inHand[record.ledgerID] = nil } }
        for record in records { telemetry.transition(record.entry) }
        gate.give(back: batch.count)
    }

    /// Writes until it is written. A store that fails for good ends the process by itself.
    private func persist(_ records: [AttemptRecord]) async {
        var wait: Duration = .milliseconds(50)
        while true {
            do {
                let ours = try await store.record(records)
                let lost = ours.count { !$0 }
                if lost > 0 { logger.warning("late outcomes", metadata: ["count": "\(lost)"]) }
                return
            } catch {
                telemetry.storeFault()
                logger.error(
                    "outcomes wait to be recorded", metadata: ["count": "\(records.count)", "why": "\(error)"])
                // The rows are open: the next start finds them.
                if error.code == .closed || state.withLock({ $0.closing }) { return }
                try? await Task.sleep(for: wait)
                wait = min(wait * 2, .seconds(5))
            }
        }
    }
}
