public import Logging
import Metrics
public import ServiceLifecycle
public import SobreDelivery
public import SobreModel
public import SobreSettings
public import SobreStore

/// Takes receipts out of the inbox in batches and applies what the receipt policy decides.
///
/// A receipt leaves the inbox in the transaction that applies it, so none is lost when the process stops or crashes.
public final class ReceiptProcessor: Service {
    private let store: any ReceiptStore
    private let policy: ReceiptPolicy
    private let limits: ReceiptLimits
    private let time: any TimeSource
    private let telemetry = Telemetry()
    private let logger: Logger
    /// Learns how long each provider's deliveries take; nil: nobody routes by it.
    private let router: Router?
    private let lapsed = Counter(label: "sobre_receipts_lapsed_total")
    private let signal = WakeSignal()

    public init(
        store: any ReceiptStore, policy: ReceiptPolicy, limits: ReceiptLimits, time: any TimeSource,
        router: Router? = nil, logger: Logger
    ) {
        self.store = store
        self.policy = policy
        self.limits = limits
        self.time = time
        self.router = router
        self.logger = logger
    }

    /// Signals that receipts came in. Never blocks.
    public func wake() { signal.wake() }

    /// Processes until graceful shutdown or cancellation.
    public func run() async throws {
        await cancelWhenGracefulShutdown { await self.processUntilCancelled() }
    }

    private func processUntilCancelled() async {
        var pause = Duration.zero
        var faultWait = Duration.milliseconds(100)
        while !Task.isCancelled {
            if pause > .zero { await signal.sleep(atMost: pause) }
            do {
                pause = self.pause(after: try await processOnce())
                faultWait = .milliseconds(100)
            } catch {
                if error.code == .closed { return }
                logger.error("receipts could not be processed; trying again", metadata: ["why": "\(error)"])
                pause = faultWait
                faultWait = min(faultWait * 2, .seconds(5))
            }
        }
    }

    /// Processes the receipts that are due, once. Called by `run`, and by tests whose clock does not advance meanwhile.
    @discardableResult
    public func processOnce() async throws(StoreError) -> ReceiptRound {
        let policy = policy
        let round = try await store.applyReceipts(limit: limits.batch, patience: limits.patience) { facts, now in
            policy.verdict(facts, at: now)
        }
        for entry in round.entries { telemetry.transition(entry) }
        for arrival in round.arrivals {
            router?.delivered(by: arrival.provider, after: arrival.delay, at: time.now())
        }
        if round.lapsed > 0 {
            lapsed.increment(by: round.lapsed)
            logger.warning(
                "receipts lapsed: no matching message was found", metadata: ["count": "\(round.lapsed)"])
        }
        return round
    }

    /// Applies receipts of the inbox once more. One transaction for each call.
    ///
    /// - Parameters:
    ///   - filter: which receipts.
    ///   - id: only those that arrived after the one with this number.
    ///   - isDryRun: whether nothing is changed.
    /// - Returns: the counts of this part, and where the next begins.
    /// - Throws: `StoreError`. Then nothing was changed.
    public func replay(
        _ filter: ReceiptFilter, after id: Int64, isDryRun: Bool
    ) async throws(StoreError) -> ReceiptReplay {
        let policy = policy
        let replay = try await store.replayReceipts(
            matching: filter, after: id, limit: limits.batch, isDryRun: isDryRun
        ) { facts, now in policy.verdict(facts, at: now) }
        for entry in replay.entries { telemetry.transition(entry) }
        return replay
    }

    private func pause(after round: ReceiptRound) -> Duration {
        if round.hasMore { return .zero }
        guard let dueAt = round.nextDueAt else { return limits.idleWait }
        return min(max(dueAt - time.now(), .milliseconds(5)), limits.idleWait)
    }
}
