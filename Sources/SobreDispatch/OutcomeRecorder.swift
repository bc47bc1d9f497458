import Logging
import SobreDelivery
import SobreModel
import SobreSettings
import SobreStore
import Synchronization

/// Records outcomes in batches. After the claim, nothing else changes a delivery's state.
///
/// Providers complete on their own threads and only append here. No outcome is dropped. Outcomes that cannot be
/// recorded are kept together with their permits, so that nothing new is sent whose outcome could not be recorded
/// either.
final class OutcomeRecorder: Sendable {
    private struct Ended: Sendable {
        var sent: SentAttempt
        var hasBegun: Bool
        var outcome: Outcome
        /// The calls to several devices; empty when there was a single call.
        var calls: [DeviceCall]
        /// Whether the providers were already known to be limited or broken when they answered.
        var wasKnown = true
    }

    private struct State {
        var ended: [Ended] = []
        /// The attempts of this process that are not recorded yet, by ledger id, with the time by which each must have
        /// ended. The value is nil once the attempt has ended and waits to be recorded.
        var inHand: [Int64: ContinuousClock.Instant?] = [:]
        var waiter: CheckedContinuation<Void, Never>?
        var closing = false
        /// The first outcome that the store rejected permanently.
        var failure: DispatchFailure?
    }

    private let state = Mutex(State())
    private let store: any QueueStore
    private let policy: OutcomePolicy
    private let router: Router
    private let gate: InFlightGate
    private let time: any TimeSource
    private let telemetry: Telemetry
    private let logger: Logger
    /// Woken when a provider has room again.
    private let room: RoomSignal
    /// Called once when an outcome cannot be recorded. Nothing more may be sent after that.
    private let onFailure: @Sendable () -> Void

    init(
        store: any QueueStore, policy: OutcomePolicy, router: Router, gate: InFlightGate, time: any TimeSource,
        telemetry: Telemetry, logger: Logger, room: RoomSignal, onFailure: @escaping @Sendable () -> Void
    ) {
        self.store = store
        self.policy = policy
        self.router = router
        self.gate = gate
        self.time = time
        self.telemetry = telemetry
        self.logger = logger
        self.room = room
        self.onFailure = onFailure
    }

    /// Why the pipeline had to stop; nil if it did not.
    var failure: DispatchFailure? { state.withLock { $0.failure } }

    /// Records that an attempt is about to begin and must have ended by `deadline`.
    func begins(_ ledgerID: Int64, endsBy deadline: ContinuousClock.Instant) {
        state.withLock { $0.inHand[ledgerID] = .some(deadline) }
    }

    /// Whether this process still waits for the outcome of an attempt, or has it and cannot record it yet. The outcome
    /// is not lost when the wall clock jumps or the disk is full.
    func expects(_ ledgerID: Int64) -> Bool {
        state.withLock { state in
            guard let deadline = state.inHand[ledgerID] else { return false }
            return deadline.map { policy.settings.pace.now() < $0 } ?? true
        }
    }

    /// Accepts the outcome of an attempt. `hasBegun` is false when the provider was never called. May be called on any
    /// thread; never blocks for long.
    ///
    /// The providers' health hears of the outcome at once and not when it is recorded, so that no further call begins
    /// to a provider that asks for fewer.
    func ended(_ sent: SentAttempt, hasBegun: Bool, outcome: Outcome, calls: [DeviceCall] = []) {
        var ended = Ended(sent: sent, hasBegun: hasBegun, outcome: outcome, calls: calls)
        let now = time.now()
        ended.wasKnown = release(&ended, at: now)
        if room.isAwaited, router.hasRoom(sent.change.provider ?? "", at: now) { room.wake() }
        accept(ended)
    }

    private func accept(_ ended: Ended) {
        let waiter = state.withLock { state in
            state.ended.append(ended)
            state.inHand[ended.sent.ledgerID] = .some(nil)
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Records outcomes until `close` was called and none is left.
    func run() async {
        while let batch = await next() { await record(batch) }
    }

    /// Lets `run` return after all outcomes so far are recorded.
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
        for index in batch.indices {
            records.append(record(of: batch[index], at: now))
        }
        await persist(records)
        // By index, because a loop over the elements would copy each of these large values.
        state.withLock { state in for index in records.indices { state.inHand[records[index].ledgerID] = nil } }
        for index in records.indices {
            telemetry.transition(records[index].change)
            if let trace = batch[index].sent.trace { log(batch[index], records[index].change, trace) }
            guard records[index].change.state == .sent else { continue }
            telemetry.sent(records[index].change.channel, since: batch[index].sent.since, at: now)
        }
        gate.give(back: batch.count)
    }

    /// Logs an attempt of a message that has a trace. A sender who records the trace asks for the line; of the others it is
    /// there for debugging.
    private func log(_ ended: Ended, _ change: DeliveryChange, _ trace: TraceParent) {
        logger.log(
            level: trace.isSampled ? .info : .debug, "an attempt ended",
            metadata: [
                "delivery": "\(ended.sent.delivery)", "state": "\(change.state)",
                "provider": "\(change.provider ?? "-")", "outcome": "\(ended.outcome.kind.rawValue)",
                "trace_id": "\(trace.traceID)",
            ])
    }

    private func record(of ended: Ended, at now: Instant) -> AttemptRecord {
        policy.record(
            of: ended.sent, hasBegun: ended.hasBegun, outcome: ended.outcome, calls: ended.calls,
            wasKnown: ended.wasKnown, reopensAt: reopensAt(ended, at: now), at: now)
    }

    /// Frees the places that an attempt had taken with its providers. Returns whether these were already known to be
    /// limited or broken when they answered.
    private func release(_ ended: inout Ended, at now: Instant) -> Bool {
        if ended.calls.isEmpty {
            return release(
                ended.sent.change.provider ?? "", &ended.outcome, to: ended.sent.address, of: ended.sent,
                hasBegun: ended.hasBegun, at: now)
        }
        var wasKnown = true
        for index in ended.calls.indices where ended.calls[index].hasPlace {
            let call = ended.calls[index]
            let isKnown = release(
                call.provider, &ended.calls[index].outcome, to: call.address, of: ended.sent, hasBegun: call.hasBegun,
                at: now)
            wasKnown = wasKnown && isKnown
            if ended.calls[index].outcome.kind != call.outcome.kind { ended.outcome = DeviceCalls.fold(ended.calls) }
        }
        return wasKnown
    }

    /// Frees the place of one call. An outcome that several recipients in a row share becomes one of our account: this
    /// recipient is not to blame.
    private func release(
        _ provider: String, _ outcome: inout Outcome, to address: Address?, of sent: SentAttempt, hasBegun: Bool,
        at now: Instant
    ) -> Bool {
        guard hasBegun else {
            router.abandoned(provider)
            return true
        }
        let change = router.finished(
            provider, outcome: outcome, to: address?.subject, chosenAt: sent.chosenAt, at: now)
        if change.isAboutUs { outcome.kind = .configuration }
        if change.isWorse {
            var facts: Logger.Metadata = [
                "provider": "\(provider)", "outcome": "\(outcome.kind.rawValue)", "why": "\(outcome.detail)",
                "delivery": "\(sent.delivery)",
            ]
            facts["trace_id"] = sent.trace.map { "\($0.traceID)" }
            logger.warning("provider paused", metadata: facts)
        }
        return change.wasKnown
    }

    /// When a provider that may take the message next accepts calls again; nil when one does now, or when nothing is to
    /// be retried.
    private func reopensAt(_ ended: Ended, at now: Instant) -> Instant? {
        guard ended.outcome.kind.isRetryable, let channel = ended.sent.change.channel else { return nil }
        // What a paused provider did not begin is routed anew at once, and held with the reason.
        if !ended.hasBegun, router.isPaused(ended.sent.change.provider ?? "", at: now) { return nil }
        let only = ended.sent.change.possibleDuplicate ? ended.sent.change.provider : nil
        return router.reopens(channel, to: ended.sent.address, only: only, at: now)
    }

    /// Retries the write for as long as it can still succeed, for example after space is freed on a full disk. A
    /// permanent rejection is never ignored: the node stops, and the next start finds the attempts open.
    private func persist(_ records: [AttemptRecord]) async {
        var wait: Duration = .milliseconds(50)
        var tries = 0
        while true {
            do {
                let ours = try await store.record(records)
                let lost = ours.count { !$0 }
                if lost > 0 {
                    telemetry.late(lost)
                    logger.warning(
                        "outcomes arrived after their attempts were closed", metadata: ["count": "\(lost)"])
                }
                return
            } catch {
                tries += 1
                telemetry.storeFault()
                logger.error(
                    "outcomes could not be recorded; trying again",
                    metadata: ["count": "\(records.count)", "why": "\(error)"])
                switch error.code {
                case .closed: return
                case .internal where records.count > 1:
                    // One of the records is at fault. Write them singly, so that only that one stays unrecorded.
                    for record in records { await persist([record]) }
                    return
                case .internal, .io, .corrupt, .incompatible, .locked, .cursor:
                    if tries >= Self.maxRefusals { return fail(records, error) }
                case .full, .overloaded:
                    // During shutdown the rows stay open, and the next start resolves them.
                    if tries >= Self.maxRefusals, state.withLock({ $0.closing }) { return }
                }
                await policy.settings.pace.sleep(for: wait)
                wait = min(wait * 2, .seconds(5))
            }
        }
    }

    /// How often the store may reject an outcome for a reason that waiting does not resolve.
    private static let maxRefusals = 4

    private func fail(_ records: [AttemptRecord], _ error: StoreError) {
        let failure = DispatchFailure(unrecorded: records[0].delivery, error: error)
        let isFirst = state.withLock { state in
            defer { state.failure = state.failure ?? failure }
            return state.failure == nil
        }
        guard isFirst else { return }
        logger.critical("\(failure)")
        onFailure()
    }
}
