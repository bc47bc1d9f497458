import Logging
import Metrics
import SobreModel
import SobreSettings
import SobreStore

/// Sends the events of one subscription in the order of the log, one request at a time.
///
/// The place in the log moves only after the receiver has answered 2xx, and is then in the store. So a crash at any time
/// repeats events and loses none. A request that failed is repeated with the same events before any later one, so the
/// order of events holds for the whole subscription.
struct EventFeed: Sendable {
    /// Reads the log and the states of subscriptions.
    typealias Reading = EventSubscriptionList & LogStore

    private let subscription: EventSubscription
    private let receiver: EventReceiver
    private let store: any EventStore
    private let log: any Reading
    private let time: any TimeSource
    private let logger: Logger
    private let meters: EventMeters

    /// The generation that the values below belong to.
    private var generation: Int?
    /// The end of the request that failed last: its last event, and the place after it.
    private var repeated: (last: LogCursor, end: LogCursor)?
    private var retryAt: Instant?
    /// The place up to which there is no event of the subscription, if it is after the one in the store.
    private var passed: LogCursor?
    private var savedAt: Instant

    private var limits: EventLimits { receiver.limits }

    /// - Parameters:
    ///   - subscription: what is sent.
    ///   - receiver: where it is sent.
    ///   - store: keeps how far it has come.
    ///   - log: has the events.
    ///   - time: the clock of retries.
    ///   - logger: tells when a receiver begins to fail, and when it works again.
    init(
        _ subscription: EventSubscription, to receiver: EventReceiver, store: any EventStore, log: any Reading,
        time: any TimeSource, logger: Logger
    ) {
        self.subscription = subscription
        self.receiver = receiver
        self.store = store
        self.log = log
        self.time = time
        var logger = logger
        logger[metadataKey: "subscription"] = "\(subscription.name)"
        self.logger = logger
        meters = EventMeters(subscription.name)
        savedAt = time.now()
    }

    /// Sends the next request, if one is due.
    ///
    /// - Returns: the wait before the next call.
    /// - Throws: `StoreError` when the store fails. What was sent is sent again then.
    mutating func step() async throws(StoreError) -> Duration {
        let state = try await current()
        if state.generation != generation {
            generation = state.generation
            (repeated, retryAt, passed) = (nil, nil, nil)
        }
        if state.pausedSince != nil { return limits.interval }
        let now = time.now()
        if let retryAt, now < retryAt { return min(limits.interval, retryAt - now) }
        let page = try await log.log(
            LogQuery(direction: .forward(after: passed ?? state.position), limit: limits.page))
        var rows = page.rows.filter(subscription.includes)
        if let last = repeated?.last {
            // It is gone when its message was removed meanwhile. Then another request is made.
            if let end = rows.firstIndex(where: { $0.cursor == last }) {
                rows = Array(rows[...end])
            } else {
                repeated = nil
            }
        }
        guard !rows.isEmpty else { return try await pass(to: page, state) }
        let addresses =
            subscription.includesAddresses
            ? try await log.addresses(of: Set(rows.prefix(limits.batch).map(\.entry.delivery))) : [:]
        let batch = EventBatch(rows, addresses: addresses, of: state, limits)
        let end = batch.isCut ? batch.last : repeated?.end ?? page.next
        let answer = await send(batch, at: now)
        return try await settle(answer, batch, upTo: end, state, begunAt: now)
    }

    private func send(_ batch: EventBatch, at now: Instant) async -> EventReceiver.Answer {
        let started = ContinuousClock.now
        let answer = await receiver.send(batch.body, id: batch.id, at: now)
        meters.note(answer, took: ContinuousClock.now - started, events: batch.count)
        return answer
    }

    /// The state in the store. A subscription that is new begins.
    private func current() async throws(StoreError) -> EventSubscriptionState {
        let known = try await log.eventSubscriptions().first { $0.name == subscription.name }
        if let known { return known }
        var beginning: LogCursor?
        if subscription.beginning == .now {
            beginning = try await log.log(LogQuery(direction: .forward(after: nil), limit: 0)).end
        }
        return try await store.begin(subscription: subscription.name, after: beginning)
    }

    /// Goes on after rows that are not for the subscription. The place is saved now and then only.
    private mutating func pass(to page: LogPage, _ state: EventSubscriptionState) async throws(StoreError) -> Duration {
        repeated = nil
        passed = page.next
        let now = time.now()
        if page.next != state.position, now - savedAt >= limits.saveInterval {
            savedAt = now
            var state = state
            state.position = page.next
            _ = try await store.save(state)
        }
        return page.rows.count < limits.page ? limits.interval : .zero
    }

    private mutating func settle(
        _ answer: EventReceiver.Answer, _ batch: EventBatch, upTo end: LogCursor, _ state: EventSubscriptionState,
        begunAt: Instant
    ) async throws(StoreError) -> Duration {
        var state = state
        let now = time.now()
        switch answer {
        case .notTried: return limits.interval
        case .taken:
            if state.failingSince != nil { logger.notice("a receiver of events takes them again") }
            state.position = end
            state.lastEvent = batch.last
            state.delivered += batch.count
            state.lastDeliveredAt = now
            (state.failingSince, state.tries, state.lastError, state.lastErrorAt) = (nil, 0, "", nil)
            (repeated, retryAt, passed) = (nil, nil, nil)
            savedAt = now
        case .gone:
            pause(&state, "The receiver answered 410 Gone.", at: now)
        case .failed(let why, let retryAfter):
            if state.failingSince == nil {
                logger.warning("a receiver of events fails", metadata: ["why": "\(why)"])
            }
            state.failingSince = state.failingSince ?? begunAt
            state.tries += 1
            state.lastError = why
            state.lastErrorAt = now
            repeated = (batch.last, end)
            retryAt = now + wait(afterTries: state.tries, asked: retryAfter)
            if let since = state.failingSince, now - since >= limits.retryFor {
                pause(&state, "No request has succeeded since \(since): \(why)", at: now)
            }
        }
        // False: an order came in between, and the next step sees it.
        _ = try await store.save(state)
        return .zero
    }

    private func pause(_ state: inout EventSubscriptionState, _ why: String, at now: Instant) {
        state.pausedSince = now
        state.pausedBy = "sobre"
        state.pauseReason = why
        logger.error("a subscription to events is paused", metadata: ["why": "\(why)"])
    }

    /// Doubles with each try, and varies by a fifth, so that subscriptions to one receiver do not come together.
    private func wait(afterTries tries: Int, asked: Duration?) -> Duration {
        let doubled = limits.backoff * Double(1 << min(tries - 1, 30))
        let wait = min(limits.maxBackoff, max(doubled * Double.random(in: 0.8...1.2), asked ?? .zero))
        return max(wait, .milliseconds(1))
    }
}
