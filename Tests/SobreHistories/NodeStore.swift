import HistoryChecker
import Logging
import SobreDispatch
import SobreModel
import SobreSQLite
import SobreSettings
import SobreStore

/// A node's access to the real store, with simulated latency, faults and crashes. Records every commit as an
/// observation. Runs on the scheduler.
final class NodeStore: QueueStore, @unchecked Sendable {
    let inner: SQLiteStore
    let clock: SteadyClock
    unowned let world: World
    let interceptor: Interceptor
    let workCondition: WorkCondition
    let processor: ReceiptProcessor
    let receiptInterceptor: ReceiptInterceptor
    var incarnation: NodeIncarnation { inner.incarnation }
    var changes: RecentChanges { inner.changes }
    var pausesInForce: PausesInForce {
        world.mutation == .operatorsNotHeard ? blind : inner.pausesInForce
    }
    private let blind = PausesInForce()
    /// True when the process is dead. Nothing that it still does reaches the disk.
    var isCut = false
    /// Deliveries that were held and have not been sent since.
    private var held: Set<DeliveryID> = []

    init(_ inner: SQLiteStore, clock: SteadyClock, world: World) {
        self.inner = inner
        self.clock = clock
        self.world = world
        interceptor = Interceptor(world)
        receiptInterceptor = ReceiptInterceptor(inner, mutation: world.mutation)
        // The hour of the week in UTC, Monday first. Day 0 was a Thursday.
        processor = ReceiptProcessor(
            store: receiptInterceptor, policy: ReceiptPolicy { _, at in Int((at.milliseconds / 3_600_000 + 72) % 168) },
            limits: ReceiptLimits(), time: clock,
            logger: Logger(label: "history") { _ in SwiftLogNoOpLogHandler() })
        workCondition = WorkCondition(world)
    }

    // MARK: Latency and faults

    /// Simulates what happens before a commit.
    func enter(_ call: History.StoreCall, _ point: History.Point? = nil) async throws(StoreError) {
        if isCut { throw Self.closed }
        await world.scheduler.sleep(world.latency(call))
        if let point, !isCut { world.pass(point) }
        if isCut { throw Self.closed }
        if world.takesFailure(call) {
            world.reach("store failed before the commit")
            throw StoreError(.full, "The disk is full.")
        }
    }

    /// Simulates what happens between a commit and the return of the call.
    func leave(_ call: History.StoreCall, _ point: History.Point? = nil) async throws(StoreError) {
        if let point { world.pass(point) }
        if isCut { throw Self.closed }
        await world.scheduler.sleep(world.latency(call))
        if isCut { throw Self.closed }
        guard world.takesLostAnswer(call) else { return }
        // It is unknown whether a failed COMMIT took effect. The store reports an error and the process ends.
        world.reach("answer of the store lost after the commit")
        world.observe(.answerLost(call: call.rawValue))
        world.node?.crash(down: 500)
        throw StoreError(.io, "The disk failed while committing.")
    }

    static let closed = StoreError(.closed, "The store was closed.")

    // MARK: Pipeline

    func claim(
        limit: Int, lease: Duration, channels: Set<Channel>, least: Priority
    ) async throws(StoreError) -> [ClaimedDelivery] {
        try await enter(.claim)
        let lease = world.mutation == .claimsAreLost ? Duration.seconds(86_400) : lease
        let claimed = try await world.scheduler.outside { () async throws(StoreError) in
            try await self.inner.claim(limit: limit, lease: lease, channels: channels, least: least)
        }
        for one in claimed {
            world.observe(.claimed(one.claim.delivery, epoch: one.claim.epoch))
            if one.possibleDuplicate { world.reach("claimed for a resend") }
        }
        if !claimed.isEmpty { try await leave(.claim, .claimed) }
        return claimed.map(interceptor.claim)
    }

    func giveBack(_ claims: [Claim]) async {
        if isCut || world.mutation == .claimsAreLost { return }
        await world.scheduler.outside { await self.inner.giveBack(claims) }
        workCondition.signal()
    }

    func admit(
        _ requests: [AdmissionRequest], policyVersion: Int, horizon: Duration, attemptTimeout: Duration,
        deciding decide: @escaping AdmissionDecider
    ) async throws(StoreError) -> [AdmissionResult] {
        do {
            try await enter(.admit, .admitting)
        } catch {
            if world.mutation == .callsWithoutIntent, error.code == .full { return requests.map(interceptor.invented) }
            throw error
        }
        let decided = Decided()
        let shown = requests.map(interceptor.request)
        // A version that is never outdated keeps the store from stopping this node.
        let named = world.mutation == .oldPolicy ? .max : policyVersion
        var results = try await world.scheduler.outside { () async throws(StoreError) in
            try await self.inner.admit(
                shown, policyVersion: named, horizon: horizon, attemptTimeout: attemptTimeout
            ) { request, facts, now in
                let decision = self.interceptor.decide(request, facts, now, decide)
                decided.notes[request.delivery] = decision
                return decision
            }
        }
        for (index, result) in results.enumerated() where world.mutation == .noEpochCheck {
            if case .stale = result { results[index] = interceptor.invented(requests[index]) }
        }
        var isAdmitted = false
        for (request, result) in zip(requests, results) {
            switch result {
            case .admitted(let admitted):
                isAdmitted = true
                observe(admitted, request, decided.notes[request.delivery])
            case .settled(let decision): observe(decision, request)
            case .stale: world.reach("stale claim")
            case .rerouted: world.reach("rerouted")
            case .policyChanged: world.reach("decided under an older policy, and asked again")
            case .undecided: break
            }
        }
        try await leave(.admit, isAdmitted ? .admitted : nil)
        return results
    }

    /// The decisions made within a call. Written by the store's thread while the scheduler waits for it.
    private final class Decided: @unchecked Sendable {
        var notes: [DeliveryID: AdmissionDecision] = [:]
    }

    private func observe(_ admitted: AdmittedAttempt, _ request: AdmissionRequest, _ decision: AdmissionDecision?) {
        world.observe(
            .admitted(
                Intent(
                    ledgerID: admitted.ledgerID, delivery: admitted.delivery, attempt: admitted.attempt,
                    epoch: request.epoch, policyVersion: decision?.policyVersion ?? 0,
                    draft: world.drafts[request.message.id] ?? request.message.draft,
                    acceptedAt: request.message.acceptedAt, channel: request.channel, address: admitted.address,
                    further: admitted.furtherAddresses, isResend: request.possibleDuplicate, clock: admitted.admittedAt)
            ))
        if admitted.attempt > 1 { world.reach("tried again") }
        if held.remove(admitted.delivery) != nil { world.reach("hold released") }
        if request.provider == "mail-b" { world.reach("failover") }
        reach(admitted, request)
    }

    /// Records the rare properties of an intent.
    private func reach(_ admitted: AdmittedAttempt, _ request: AdmissionRequest) {
        let draft = request.message.draft
        if draft.route == .escalate, admitted.delivery.slot > 0 { world.reach("escalated") }
        if draft.route == .best, request.channel != draft.channels[0] { world.reach("best channel, not the first") }
        if draft.bestTimeWithin != nil { world.reach("sent at the best time") }
        if draft.isTest { world.reach("test send") }
        if draft.tenant != nil { world.reach("sent for a tenant") }
        if let flags = draft.capFlags { world.reach(flags.obeys ? "sent uncounted" : "sent in spite of caps") }
        if !admitted.furtherAddresses.isEmpty { world.reach("sent to several devices") }
        if !(world.known[request.message.recipient]?.caps.isNone ?? true) { world.reach("sent to one with wishes") }
        if draft.priority >= .high { world.reach("sent with high priority") }
    }

    private func observe(_ decision: AdmissionDecision, _ request: AdmissionRequest) {
        var state = DeliveryState.expired
        var reason = "expired"
        var dueAt: Instant?
        switch decision.verdict {
        case .hold(let until, let why):
            state = .held
            reason = why.rawValue
            dueAt = until
            world.reach("held as \(reason)")
            if decision.summary.contains("another profile") { world.reach("held for another who holds the address") }
            held.insert(request.delivery)
        case .drop(let why):
            state = .dropped
            reason = why.rawValue
            world.reach("dropped as \(reason)")
            if decision.summary.contains("another profile") { world.reach("dropped for another who holds the address") }
        default: world.reach(request.message.draft.expiresAt == nil ? "expired by its category" : "expired")
        }
        world.observe(
            .refused(
                Refusal(
                    delivery: request.delivery, draft: world.drafts[request.message.id] ?? request.message.draft,
                    acceptedAt: request.message.acceptedAt, state: state, reason: reason, dueAt: dueAt,
                    policyVersion: decision.policyVersion,
                    isExplained: decision.explanation != nil || !decision.summary.isEmpty,
                    words: decision.summary, clock: clock.now())))
        workCondition.signal()
    }

    func settle(_ transitions: [ClaimTransition]) async throws(StoreError) -> [Bool] {
        try await enter(.settle)
        let results = try await world.scheduler.outside { () async throws(StoreError) in
            try await self.inner.settle(transitions)
        }
        for (transition, isOurs) in zip(transitions, results) {
            world.reach(isOurs ? "settled as \(transition.change.reason)" : "stale claim")
            if isOurs { world.observe(.settled(transition.claim.delivery, transition.change.state)) }
        }
        workCondition.signal()
        try await leave(.settle)
        return results
    }

    func record(_ outcomes: [AttemptRecord]) async throws(StoreError) -> [Bool] {
        let outcomes = outcomes.map(interceptor.record)
        try await enter(.record, .recording)
        let results = try await world.scheduler.outside { () async throws(StoreError) in
            try await self.inner.record(outcomes)
        }
        for (outcome, isOpen) in zip(outcomes, results) {
            guard isOpen else {
                world.reach("late outcome")
                continue
            }
            world.observe(
                .recorded(
                    Ending(
                        ledgerID: outcome.ledgerID, proof: outcome.proof, state: outcome.change.state,
                        reason: outcome.change.reason, clock: clock.now())))
            if outcome.proof == .unknown { world.reach("unknown kept its slot") }
            if outcome.proof == .notSent { world.reach("slot given back") }
            if outcome.change.detail.hasPrefix("paused before") { world.reach("stopped by a pause") }
            if !outcome.suppressions.isEmpty { world.reach("suppressed by an answer") }
        }
        workCondition.signal()
        try await leave(.record, .recorded)
        return results
    }

    func overdueAttempts(limit: Int) async throws(StoreError) -> [OverdueAttempt] {
        try await enter(.overdue)
        return try await world.scheduler.outside { () async throws(StoreError) in
            try await self.inner.overdueAttempts(limit: limit)
        }
    }

    func attachments(of message: MessageID) async throws(StoreError) -> [[UInt8]] {
        if isCut { throw Self.closed }
        return try await world.scheduler.outside { () async throws(StoreError) in
            try await self.inner.attachments(of: message)
        }
    }

    func nextDueAt() async throws(StoreError) -> Instant? {
        if isCut { throw Self.closed }
        return try await world.scheduler.outside { () async throws(StoreError) in try await self.inner.nextDueAt() }
    }

    func depth() async throws(StoreError) -> QueueDepth {
        if isCut { throw Self.closed }
        return try await world.scheduler.outside { () async throws(StoreError) in try await self.inner.depth() }
    }

    func waitForWork(atMost: Duration, least: Priority) async {
        if isCut || workCondition.answer() { return }
        var wait = max(1, atMost.milliseconds)
        if let dueAt = try? await nextDueAt() { wait = min(wait, max(20, (dueAt - clock.now()).milliseconds + 1)) }
        await workCondition.wait(atMost: wait) { self.isCut }
    }
}
