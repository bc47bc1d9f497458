import SobreModel
import SobreStore

/// Stands between the receipt processor and the store. Records what was done with each receipt, and changes facts and
/// decisions as a mutation demands. Runs on the scheduler, or on the store's thread while the scheduler waits.
final class ReceiptInterceptor: ReceiptStore, @unchecked Sendable {
    /// A processed receipt.
    struct Digested {
        var delivery: DeliveryID
        var receipt: Receipt
        /// The rare event that it caused.
        var rare: String?
    }

    private let inner: any ReceiptStore
    private let mutation: Mutation?
    private var digested: [Digested] = []

    init(_ inner: any ReceiptStore, mutation: Mutation?) {
        self.inner = inner
        self.mutation = mutation
    }

    func takeDigested() -> [Digested] {
        defer { digested = [] }
        return digested
    }

    func applyReceipts(
        limit: Int, patience: Duration, deciding decide: @escaping ReceiptDecider
    ) async throws(StoreError) -> ReceiptRound {
        digested = []
        do {
            return try await inner.applyReceipts(limit: limit, patience: patience) { facts, now in
                let verdict = self.changed(decide(self.changed(facts), now), facts)
                switch verdict {
                case .wait: break
                case .anonymise:
                    self.digested.append(
                        Digested(delivery: facts.delivery, receipt: facts.receipt, rare: "receipt without recipient"))
                case .ignore(let why):
                    self.digested.append(
                        Digested(delivery: facts.delivery, receipt: facts.receipt, rare: "receipt ignored: \(why)"))
                case .apply(let effect):
                    let rare =
                        effect.metEscalation.map { _ in "escalation met" }
                        ?? (effect.released.isEmpty ? nil : "slot given back by a receipt")
                        ?? (effect.suppressions.isEmpty ? nil : "suppressed by a receipt")
                    self.digested.append(Digested(delivery: facts.delivery, receipt: facts.receipt, rare: rare))
                }
                return verdict
            }
        } catch {
            digested = []
            throw error
        }
    }

    private func changed(_ facts: ReceiptFacts) -> ReceiptFacts {
        var facts = facts
        switch mutation {
        case .foreignReceiptsBelieved: facts.receipt.isSigned = false
        case .rejectionOfAny: if let last = facts.attempts.last { facts.attempts = [last] }
        default: break
        }
        return facts
    }

    private func changed(_ verdict: ReceiptVerdict, _ facts: ReceiptFacts) -> ReceiptVerdict {
        guard case .apply(var effect) = verdict else { return verdict }
        switch (mutation, facts.receipt.kind) {
        case (.bouncesForgotten, .bouncedHard), (.complaintsForgotten, .complained),
            (.unsubscribesForgotten, .unsubscribed):
            effect.suppressions = []
        case (.bounceGivesBack, .bouncedHard), (.bounceGivesBack, .bouncedSoft):
            effect.released = facts.attempts.map(\.ledgerID)
        case (.rejectionKeepsSlot, .rejected): effect.released = []
        case (.successForgotten, _): effect.metEscalation = nil
        case (.softBounceSuppresses, .bouncedSoft):
            if let attempt = facts.attempts.last {
                effect.suppressions = [
                    Suppression(
                        subject: attempt.address, label: "soft", reason: .hardBounce, channel: attempt.channel,
                        source: "test", at: History.beginsAt)
                ]
            }
        default: break
        }
        return .apply(effect)
    }

    // MARK: Forwarded calls

    func append(_ receipts: [Receipt], maxWaiting: Int) async throws(StoreError) -> ReceiptIntake {
        try await inner.append(receipts, maxWaiting: maxWaiting)
    }

    func receipts(
        matching filter: ReceiptFilter, before id: Int64?, limit: Int
    ) async throws(StoreError) -> [ReceiptRow] {
        try await inner.receipts(matching: filter, before: id, limit: limit)
    }

    func receiptCount(matching filter: ReceiptFilter) async throws(StoreError) -> Int {
        try await inner.receiptCount(matching: filter)
    }

    func replayReceipts(
        matching filter: ReceiptFilter, after id: Int64, limit: Int, isDryRun: Bool,
        deciding decide: @escaping ReceiptDecider
    ) async throws(StoreError) -> ReceiptReplay {
        try await inner.replayReceipts(matching: filter, after: id, limit: limit, isDryRun: isDryRun, deciding: decide)
    }

    func receiptTotals() async throws(StoreError) -> [ReceiptRow.Standing: Int] { try await inner.receiptTotals() }

    func pruneReceipts(before: Instant, limit: Int) async throws(StoreError) -> Int {
        try await inner.pruneReceipts(before: before, limit: limit)
    }

    func engagement(of recipient: String) async throws(StoreError) -> (own: Engagement, prior: Engagement) {
        try await inner.engagement(of: recipient)
    }
}
