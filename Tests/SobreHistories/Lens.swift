import HistoryChecker
import SobreModel
import SobreStore

/// What a mutation lets the line see of the store, and the store of the line. Without a mutation it is clear glass.
/// On the stage.
final class Lens: @unchecked Sendable {
    private unowned let world: World
    private var cachedFacts: [String: (facts: AdmissionFacts, at: Int64)] = [:]
    private var invented: Int64 = 1 << 40

    init(_ world: World) { self.world = world }

    private var mutation: Mutation? { world.mutation }

    func claim(_ claimed: ClaimedDelivery) -> ClaimedDelivery {
        guard mutation == .resendUnflagged else { return claimed }
        var claimed = claimed
        claimed.possibleDuplicate = false
        return claimed
    }

    func candidate(_ candidate: AdmissionCandidate) -> AdmissionCandidate {
        var candidate = candidate
        switch mutation {
        case .expiryNotChecked: candidate.message.draft.expiresAt = nil
        default: break
        }
        return candidate
    }

    /// Decides on facts as the mutation shows them.
    func decide(
        _ candidate: AdmissionCandidate, _ facts: AdmissionFacts, _ now: Instant, _ decide: AdmissionDecider
    ) -> AdmissionDecision {
        var facts = facts
        let person = Symbol.recipient(candidate.message.recipient)
        switch mutation {
        case .noLedgerRow: facts.ledger = []
        case .openNotCounted: facts.ledger.removeAll { $0.state == .open }
        case .shortHorizon: facts.ledger.removeAll { $0.spentAt.map { $0 < now - .seconds(15) } ?? false }
        case .forgetsOtherProfile, .mergeForgets: facts.ledger.removeAll { $0.recipient != person }
        case .countsTwice: facts.ledger = facts.ledger.flatMap { [$0, $0] }
        case .earlyStamp:
            for index in facts.ledger.indices where facts.ledger[index].spentAt != nil {
                facts.ledger[index].spentAt = facts.ledger[index].openedAt
            }
            facts.ledger.sort { ($0.spentAt ?? $0.openedAt, $0.id) < ($1.spentAt ?? $1.openedAt, $1.id) }
        case .dedupDoesNotWait:
            for index in facts.ledger.indices where facts.ledger[index].state == .open {
                facts.ledger[index].traits.dedupKey = Symbol("another")
                facts.ledger[index].traits.fingerprint = .none
            }
        case .staleSuppressions: facts.suppressions = cached(candidate.message.recipient, facts).suppressions
        case .staleProfile: facts.profile = cached(candidate.message.recipient, facts).profile
        default: break
        }
        return decide(candidate, facts, now)
    }

    private func cached(_ recipient: String, _ facts: AdmissionFacts) -> AdmissionFacts {
        if let known = cachedFacts[recipient], world.now - known.at < 30_000 { return known.facts }
        cachedFacts[recipient] = (facts, world.now)
        return facts
    }

    func record(_ record: AttemptRecord) -> AttemptRecord {
        var record = record
        let isRescue = record.entry.detail.contains("no outcome was recorded")
        switch mutation {
        case .releasedOnUnknown where record.proof == .unknown: record.proof = .notSent
        case .rescueSaysUnsent where isRescue:
            record.proof = .notSent
            record.entry.state = .deferred
            record.entry.possibleDuplicate = false
            record.entry.dueAt = record.entry.at
        case .resendsTwice
        where record.proof == .unknown && record.entry.state == .unknown
            && record.entry.possibleDuplicate:
            record.entry.state = .deferred
            record.entry.dueAt = record.entry.at
        case .retriesNothing where record.proof == .notSent && record.entry.state == .deferred:
            record.entry.state = .failed
            record.entry.reason = "attempts_exhausted"
            record.entry.dueAt = nil
        default: break
        }
        return record
    }

    /// Receipts as a mutation hands them on.
    func receipts(_ receipts: [(telling: Telling, receipt: Receipt)]) -> [(telling: Telling, receipt: Receipt)] {
        guard mutation == .receiptsOverwrite else { return receipts }
        var last: [DeliveryID: Int] = [:]
        for (index, one) in receipts.enumerated() { if let id = one.receipt.delivery { last[id] = index } }
        return last.values.sorted().map { receipts[$0] }
    }

    /// A ticket that the store never gave.
    func invented(_ candidate: AdmissionCandidate) -> AdmissionResult {
        invented += 1
        guard let address = world.known[candidate.message.recipient]?.address(on: candidate.channel) else {
            return .stale
        }
        let now = Instant(milliseconds: History.beginsAt.milliseconds + world.now)
        return .admitted(
            AttemptTicket(
                ledgerID: invented, delivery: candidate.delivery, attempt: candidate.attempt, address: address,
                admittedAt: now, deadline: now + .seconds(11)))
    }
}
