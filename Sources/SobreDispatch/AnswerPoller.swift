public import Logging
import Metrics
public import ServiceLifecycle
public import SobreDelivery
public import SobreModel
public import SobreSettings
public import SobreStore

/// Asks providers for the fate of messages that they accepted, and puts what they say into the inbox for receipts.
///
/// What is to be asked for is in the store, written with the outcome, so a stop or a crash loses no question.
public final class AnswerPoller: Service {
    private let store: any PollStore
    private let providers: @Sendable () -> [String: any PollingProvider]
    private let transport: any Transport
    private let limits: ReceiptLimits
    private let time: any TimeSource
    private let logger: Logger
    /// Called when receipts were put into the inbox.
    private let onReceipts: @Sendable () -> Void
    private let lapsed = Counter(label: "sobre_polls_lapsed_total")

    /// How soon a message of a provider is asked for again that is not configured any more, and for how long.
    private static let missing = PollTerms(
        after: .seconds(3_600), every: .seconds(3_600), slowest: .seconds(86_400), giveUpAfter: .seconds(7 * 86_400),
        batch: 1)

    /// - Parameters:
    ///   - store: keeps what is to be asked for.
    ///   - providers: those that are asked now, by name.
    ///   - transport: carries the questions.
    ///   - limits: the bounds of receipts.
    ///   - time: the clock of the receipts.
    ///   - logger: tells what cannot be had.
    ///   - onReceipts: called when receipts were put into the inbox.
    public init(
        store: any PollStore, providers: @escaping @Sendable () -> [String: any PollingProvider],
        transport: any Transport, limits: ReceiptLimits, time: any TimeSource, logger: Logger,
        onReceipts: @escaping @Sendable () -> Void
    ) {
        self.store = store
        self.providers = providers
        self.transport = transport
        self.limits = limits
        self.time = time
        self.logger = logger
        self.onReceipts = onReceipts
    }

    /// Asks until graceful shutdown or cancellation.
    public func run() async throws {
        await cancelWhenGracefulShutdown { await self.pollUntilCancelled() }
    }

    private func pollUntilCancelled() async {
        while !Task.isCancelled {
            var pause = limits.pollIdleWait
            do {
                let next = try await pollOnce()
                if let next { pause = min(pause, max(next, .milliseconds(50))) }
            } catch {
                if error.code == .closed { return }
                logger.error("answers of providers could not be recorded; trying again", metadata: ["why": "\(error)"])
            }
            do { try await Task.sleep(for: pause) } catch { return }
        }
    }

    /// Asks once for everything that is due, at most `receipts.poll_batch` messages. Called by `run`, and by tests whose
    /// clock does not advance meanwhile.
    ///
    /// - Returns: the time until the next question about other messages; nil when there are none.
    /// - Throws: `StoreError` when the store fails.
    @discardableResult
    public func pollOnce() async throws(StoreError) -> Duration? {
        let page = try await store.duePolls(limit: limits.pollBatch)
        var byProvider: [String: [PendingPoll]] = [:]
        for poll in page.due { byProvider[poll.provider, default: []].append(poll) }
        let providers = providers()
        var hasReceipts = false
        for (name, polls) in byProvider.sorted(by: { $0.key < $1.key }) {
            let batch = providers[name]?.pollTerms.batch ?? polls.count
            for start in stride(from: 0, to: polls.count, by: batch) {
                let part = Array(polls[start..<min(start + batch, polls.count)])
                let results = await results(of: part, by: providers[name], name: name, at: page.now)
                try await store.settle(polls: results, maxWaiting: limits.maxWaiting)
                hasReceipts = hasReceipts || results.contains { if case .done(_, _?) = $0 { true } else { false } }
            }
        }
        if hasReceipts { onReceipts() }
        if page.due.count == limits.pollBatch { return .zero }
        return page.nextDueAt.map { max($0 - page.now, .zero) }
    }

    /// Asks one provider about some messages.
    private func results(
        of polls: [PendingPoll], by provider: (any PollingProvider)?, name: String, at now: Instant
    ) async -> [PollResult] {
        let answer: PollAnswer
        if let provider {
            answer = await withCheckedContinuation { continuation in
                provider.poll(polls.map(\.providerID), over: transport) { continuation.resume(returning: $0) }
            }
        } else {
            answer = .failed("no provider of this name is configured")
        }
        if case .failed(let why) = answer {
            logger.warning(
                "a provider does not say what became of its messages",
                metadata: ["provider": "\(name)", "messages": "\(polls.count)", "why": "\(why)"])
        }
        let terms = provider?.pollTerms ?? Self.missing
        return polls.map { result(of: $0, answer, terms, at: now) }
    }

    private func result(
        of poll: PendingPoll, _ answer: PollAnswer, _ terms: PollTerms, at now: Instant
    ) -> PollResult {
        var fate = PollFate.pending
        if case .fates(let fates) = answer { fate = fates[poll.providerID] ?? .pending }
        switch fate {
        case .settled: return .done(id: poll.id, nil)
        case .reported(let kind, let detail):
            return .done(
                id: poll.id,
                Receipt(
                    provider: poll.provider, eventID: "poll/\(poll.providerID)", delivery: poll.delivery,
                    providerID: poll.providerID, kind: kind, at: time.now(), detail: detail, address: poll.address,
                    isOneOfSeveral: poll.isOneOfSeveral))
        case .pending:
            guard let wait = terms.wait(afterTries: poll.tries + 1, age: now - poll.since) else {
                lapsed.increment()
                return .done(id: poll.id, nil)
            }
            return .again(id: poll.id, after: wait)
        }
    }
}
