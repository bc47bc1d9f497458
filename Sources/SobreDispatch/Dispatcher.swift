public import Logging
public import ServiceLifecycle
public import SobreDelivery
public import SobreModel
import SobreSettings
public import SobreStore
import Synchronization

/// The queue-driven dispatcher. Several workers take due deliveries through the pipeline, and one outcome recorder
/// writes the outcomes. Attempts that a crash left open are resolved first.
public final class Dispatcher: Service {
    private let store: any QueueStore
    private let settings: DispatchSettings
    private let router: Router
    private let policy: any DeliveryDeciding
    private let pipeline: Pipeline
    private let recorder: OutcomeRecorder
    private let gate: InFlightGate
    private let claimsInHand = ClaimsInHand()
    private let room = RoomSignal()
    private let telemetry: Telemetry
    private let time: any TimeSource
    private let logger: Logger
    private let isStopping: StopFlag

    /// Set once; read by all workers.
    private final class StopFlag: Sendable {
        let isSet = Mutex(false)
    }

    public init(
        store: any QueueStore, renderer: any DeliveryRendering, policy: any DeliveryDeciding, router: Router,
        transport: any Transport, settings: DispatchSettings, time: any TimeSource, logger: Logger
    ) {
        if let contradiction = settings.contradiction { preconditionFailure(contradiction) }
        self.store = store
        self.settings = settings
        self.router = router
        self.policy = policy
        self.time = time
        self.logger = logger
        telemetry = Telemetry()
        let gate = InFlightGate(capacity: settings.limits.inFlight)
        let isStopping = StopFlag()
        self.gate = gate
        self.isStopping = isStopping
        recorder = OutcomeRecorder(
            store: store,
            policy: OutcomePolicy(settings: settings) { router.pollAfter($0) },
            router: router, gate: gate, time: time,
            telemetry: telemetry, logger: logger, room: room
        ) {
            isStopping.isSet.withLock { $0 = true }
            gate.close()
        }
        pipeline = Pipeline(
            store: store, renderer: renderer, policy: policy, router: router, transport: transport,
            recorder: recorder, gate: gate, starts: StartQueue(router: router, time: time, pace: settings.pace),
            settings: settings, time: time, telemetry: telemetry)
    }

    /// The number of claims and attempts in progress.
    public var inFlight: Int { gate.inUse }

    /// Dispatches until graceful shutdown or cancellation, then waits for the attempts in flight, at most as long as an
    /// attempt may take.
    ///
    /// - Throws: ``DispatchFailure`` when an outcome could not be recorded. The process should then exit.
    public func run() async throws {
        let completion = Task.detached(executorPreference: settings.pace.executor) { [recorder] in
            await recorder.run()
        }
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<settings.limits.workers { group.addTask { await self.worker(least: .low) } }
                    // Whatever the others are busy with, it takes what is urgent.
                    group.addTask(priority: .high) { await self.worker(least: .high) }
                    group.addTask { await self.rescue() }
                }
            } onGracefulShutdown: {
                self.stop()
            }
        } onCancel: {
            // Another service has failed, and its group waits for this one to end.
            self.stop()
        }
        await drainInFlight()
        recorder.close()
        await completion.value
        if let failure = recorder.failure { throw failure }
    }

    private func stop() {
        isStopping.isSet.withLock { $0 = true }
        gate.close()
    }

    /// Works until nothing is due at the clock's current time and nothing is in flight. Meant for the demonstration and
    /// for tests, whose clock does not advance meanwhile. Must not be used while `run` is active.
    public func runUntilIdle() async throws(StoreError) {
        let completion = Task.detached(executorPreference: settings.pace.executor) { [recorder] in
            await recorder.run()
        }
        _ = try await resolveOverdue()
        while true {
            let batch = try await takeBatch().claims
            if !batch.isEmpty {
                _ = try await process(batch)
            } else if gate.inUse == 0, try await isIdle() {
                break
            } else {
                await store.waitForWork(atMost: .milliseconds(5))
            }
        }
        recorder.close()
        await completion.value
        recorder.reopen()
    }

    private func isIdle() async throws(StoreError) -> Bool {
        // Deliveries for a provider that is limited or broken cannot go while the clock does not advance.
        if router.openChannels(at: time.now()).count < Channel.allCases.count { return true }
        guard let dueAt = try await store.nextDueAt() else { return true }
        return dueAt > time.now()
    }

    private var stopping: Bool { isStopping.isSet.withLock { $0 } }

    /// Claims a batch. `isOfAll` is true when every channel had room and was included.
    private func takeBatch(
        least: Priority = .low
    ) async throws(StoreError) -> (claims: [ClaimedDelivery], isOfAll: Bool) {
        let permits = await gate.take(upTo: settings.limits.batch)
        let paused = store.pausesInForce.all.pausedProviders
        let room = claimsInHand.rest(
            of: router.room(at: time.now(), isUrgent: least.isUrgent, without: paused))
        var claims: [ClaimedDelivery] = []
        do {
            if permits > 0, !stopping { try await claim(permits, room, least, into: &claims) }
        } catch {
            gate.give(back: permits)
            claimsInHand.remove(claims)
            await store.giveBack(claims.map(\.claim))
            throw error
        }
        gate.give(back: permits - claims.count)
        if !claims.isEmpty {
            telemetry.claimed(claims.count)
            // There may be room for another batch. Without calls in flight nothing else tells the others.
            if self.room.isAwaited { self.room.wake() }
        }
        return (claims, room.count == Channel.allCases.count)
    }

    /// Claims for channels with little room first, no more than they can take, then for all other channels together.
    /// The batch is sorted into the order in which the store claims. Otherwise a channel with little room would be
    /// decided before a higher priority, or before an earlier channel of the same message where a cap lets only one of
    /// them through.
    private func claim(
        _ permits: Int, _ room: [Channel: Int], _ least: Priority, into claims: inout [ClaimedDelivery]
    ) async throws(StoreError) {
        var ample: Set<Channel> = []
        for (channel, count) in room.sorted(by: { $0.key < $1.key }) {
            if count >= permits {
                ample.insert(channel)
            } else if claims.count < permits {
                let limit = min(count, permits - claims.count)
                claimsInHand.add(limit, on: channel)
                defer { claimsInHand.add(-limit, on: channel) }
                try await claim(limit, [channel], least, into: &claims)
            }
        }
        if !ample.isEmpty, claims.count < permits {
            try await claim(permits - claims.count, ample, least, into: &claims)
        }
        if ample.count < room.count { claims.sort(by: ClaimedDelivery.isBefore) }
    }

    private func claim(
        _ limit: Int, _ channels: Set<Channel>, _ least: Priority, into claims: inout [ClaimedDelivery]
    ) async throws(StoreError) {
        let new = try await store.claim(
            limit: limit, lease: settings.limits.lease, channels: channels, least: least)
        claimsInHand.add(new)
        claims += new
    }

    /// Takes claims through the pipeline, what is urgent before the rest.
    private func process(_ claims: [ClaimedDelivery]) async throws(StoreError) -> Int {
        let urgent = claims.filter(\.message.draft.priority.isUrgent)
        guard !urgent.isEmpty, urgent.count < claims.count else { return try await processTogether(claims) }
        let rest = claims.filter { !$0.message.draft.priority.isUrgent }
        let count: Int
        do {
            count = try await processTogether(urgent)
        } catch {
            claimsInHand.remove(rest)
            await store.giveBack(rest.map(\.claim))
            gate.give(back: rest.count)
            throw error
        }
        return try await count + processTogether(rest)
    }

    private func processTogether(_ claims: [ClaimedDelivery]) async throws(StoreError) -> Int {
        try await pipeline.process(claims) { [claimsInHand, room] in
            claimsInHand.remove(claims)
            if room.isAwaited { room.wake() }
        }
    }

    private func worker(least: Priority) async {
        var faultWait: Duration = .milliseconds(100)
        while !stopping {
            do {
                let (batch, isOfAll) = try await takeBatch(least: least)
                if batch.isEmpty {
                    await pauseWithoutWork(hasSeenAll: isOfAll, least: least)
                } else if try await process(batch) == 0 {
                    // The whole batch waits for a provider. Claiming it again at once would be a busy loop.
                    await settings.pace.sleep(for: .milliseconds(20))
                }
                faultWait = .milliseconds(100)
            } catch {
                telemetry.storeFault()
                logger.error("the store failed; dispatching pauses", metadata: ["why": "\(error)"])
                if error.code == .closed { return }
                await settings.pace.sleep(for: faultWait)
                faultWait = min(faultWait * 2, .seconds(5))
            }
        }
    }

    private func pauseWithoutWork(hasSeenAll: Bool, least: Priority) async {
        if !hasSeenAll {
            // Work may be due for a channel that is busy. Waking up for it repeatedly would be a busy loop.
            if await room.sleep(atMost: .milliseconds(20), by: settings.pace) { return }
            let now = time.now()
            let wait = min(router.nextRoom(at: now) - now, settings.limits.idleWait)
            if wait > .milliseconds(20) { await store.waitForWork(atMost: wait, least: least) }
        } else {
            await store.waitForWork(atMost: settings.limits.idleWait, least: least)
        }
    }

    private func rescue() async {
        while !stopping {
            do {
                let count = try await resolveOverdue()
                if count > 0 { logger.notice("resolved attempts without an outcome", metadata: ["count": "\(count)"]) }
            } catch {
                telemetry.storeFault()
                logger.error("attempts without an outcome wait to be resolved", metadata: ["why": "\(error)"])
                if error.code == .closed { return }
            }
            for _ in 0..<20 where !stopping { await settings.pace.sleep(for: .milliseconds(100)) }
        }
    }

    /// Records the outcome `ambiguous` for every overdue attempt of which only the intent is known.
    private func resolveOverdue() async throws(StoreError) -> Int {
        let outcomes = OutcomePolicy(settings: settings)
        var total = 0
        while true {
            let overdue = try await store.overdueAttempts(limit: 500).filter { !recorder.expects($0.ledgerID) }
            if overdue.isEmpty { return total }
            let now = time.now()
            let records = overdue.map { attempt in
                let change = DeliveryChange(
                    .unknown, attempt: attempt.attempt, channel: attempt.channel, provider: attempt.provider,
                    possibleDuplicate: attempt.possibleDuplicate, policyVersion: attempt.policyVersion,
                    templateVersion: attempt.templateVersion)
                let sent = SentAttempt(
                    ledgerID: attempt.ledgerID, delivery: attempt.delivery, change: change, address: nil, since: now,
                    category: attempt.category,
                    resendsUnknown: policy.resendsUnknown(category: attempt.category), hasFurtherChannels: false)
                let outcome = Outcome(
                    .ambiguous, detail: "no outcome was recorded: the process or the call was cut off")
                return outcomes.record(of: sent, outcome: outcome, at: now)
            }
            try await store.record(records)
            for record in records { telemetry.transition(record.change) }
            total += overdue.count
        }
    }

    private func drainInFlight() async {
        let deadline = settings.pace.now() + min(settings.limits.drain, settings.limits.attemptTimeout + .seconds(5))
        while gate.inUse > 0, settings.pace.now() < deadline {
            // Runs in a task of its own: if the current task is cancelled, its own sleep would end at once.
            let pace = settings.pace
            await Task.detached(executorPreference: pace.executor) { await pace.sleep(for: .milliseconds(10)) }.value
        }
        if gate.inUse > 0 { logger.warning("stopped with attempts in flight", metadata: ["count": "\(gate.inUse)"]) }
    }
}
