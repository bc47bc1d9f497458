import HistoryChecker
import SobreModel
import SobreStore

/// Changes what passes between the pipeline and the store as a mutation demands. Without a mutation it changes nothing.
/// Runs on the scheduler.
final class Interceptor: @unchecked Sendable {
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

    func request(_ request: AdmissionRequest) -> AdmissionRequest {
        var request = request
        switch mutation {
        case .expiryNotChecked: request.message.draft.expiresAt = nil
        case .bestTimeNotAsked: request.message.draft.bestTimeWithin = nil
        case .flagsIgnored: request.message.draft.capFlags = nil
        default: break
        }
        return request
    }

    /// Decides on facts that the mutation has changed.
    func decide(
        _ request: AdmissionRequest, _ facts: AdmissionFacts, _ now: Instant, _ decide: AdmissionDecider
    ) -> AdmissionDecision {
        var facts = facts
        let person = KeyHash.recipient(request.message.recipient)
        switch mutation {
        case .noLedgerRow: facts.ledger = []
        case .openNotCounted: facts.ledger.removeAll { $0.state == .reserved }
        case .shortHorizon: facts.ledger.removeAll { $0.committedAt.map { $0 < now - .seconds(15) } ?? false }
        case .mergeForgets: facts.ledger.removeAll { $0.recipient != person }
        case .forgetsOtherProfile: facts.ledger.removeAll { !isOwn($0, facts.profile) }
        case .holdersNotJudged: facts.holders = []
        case .holdersNotCounted:
            Self.setCounting(&facts) { entry, profile in isOwn(entry, profile) }
        case .holdersInherit: Self.setCounting(&facts) { _, _ in true }
        case .countsTwice: facts.ledger = facts.ledger.flatMap { [$0, $0] }
        case .earlyStamp:
            for index in facts.ledger.indices where facts.ledger[index].committedAt != nil {
                facts.ledger[index].committedAt = facts.ledger[index].reservedAt
            }
            facts.ledger.sort { ($0.committedAt ?? $0.reservedAt, $0.id) < ($1.committedAt ?? $1.reservedAt, $1.id) }
        case .dedupDoesNotWait:
            for index in facts.ledger.indices where facts.ledger[index].state == .reserved {
                facts.ledger[index].traits.dedupKey = KeyHash("another")
                facts.ledger[index].traits.fingerprint = .none
            }
        case .staleSuppressions: facts.suppressions = cached(request.message.recipient, facts).suppressions
        case .staleProfile: facts.profile = cached(request.message.recipient, facts).profile
        default: change(&facts, for: request)
        }
        var decision = decide(request, facts, now)
        if mutation == .deadDevicesReached, case .send(let address, _) = decision.verdict, address.channel == .push {
            decision.furtherAddresses = (facts.profile?.addresses ?? []).filter {
                $0.channel == .push && $0.value != address.value
            }
        }
        return decision
    }

    /// Whether a contact was made to this profile and not to another one.
    private func isOwn(_ entry: LedgerEntry, _ profile: Profile?) -> Bool {
        guard let profile, let recipient = world.drafts[entry.delivery.message]?.recipient else { return true }
        return profile.id == recipient || profile.aliases.contains(recipient)
    }

    private static func setCounting(_ facts: inout AdmissionFacts, _ counts: (LedgerEntry, Profile?) -> Bool) {
        for index in facts.ledger.indices {
            facts.ledger[index].countsForHolder = counts(facts.ledger[index], facts.profile)
        }
        for holder in facts.holders.indices {
            for index in facts.holders[holder].ledger.indices {
                facts.holders[holder].ledger[index].countsForHolder = counts(
                    facts.holders[holder].ledger[index], facts.holders[holder].profile)
            }
        }
    }

    /// Changes facts about preferences, engagement and tenants.
    private func change(_ facts: inout AdmissionFacts, for request: AdmissionRequest) {
        switch mutation {
        case .escalatesAtOnce: facts.earlier = []
        case .successForgotten:
            for index in facts.earlier.indices where DeliveryState.reported.contains(facts.earlier[index].state) {
                facts.earlier[index].state = .sent
            }
        case .tenantsMixed:
            let own = request.message.tenant.map { KeyHash($0) } ?? .none
            for index in facts.ledger.indices { facts.ledger[index].traits.tenant = own }
        case .tenantsLost:
            for index in facts.ledger.indices where facts.ledger[index].traits.tenant != .none {
                facts.ledger[index].traits.tenant = KeyHash("nobody")
            }
        case .limitsNotRead:
            facts.profile?.caps.limits = []
            facts.profile?.caps.percent = 100
        case .pausesNotRead: facts.profile?.caps.pauses = []
        case .operatorsNotHeard: facts.pauses = []
        case .habitsNotRead where request.message.route == .best:
            facts.engagement = .none
            facts.prior = .none
        case .testsCount:
            for index in facts.ledger.indices where facts.ledger[index].traits.isTest {
                facts.ledger[index].traits.isTest = false
                facts.ledger[index].traits.countsTowardCaps = true
            }
        default: break
        }
    }

    private func cached(_ recipient: String, _ facts: AdmissionFacts) -> AdmissionFacts {
        if let known = cachedFacts[recipient], world.now - known.at < 30_000 { return known.facts }
        cachedFacts[recipient] = (facts, world.now)
        return facts
    }

    func record(_ record: AttemptRecord) -> AttemptRecord {
        var record = record
        let isRescue = record.change.detail.contains("no outcome was recorded")
        switch mutation {
        case .releasedOnUnknown where record.proof == .unknown: record.proof = .notSent
        case .deadAddressesStay: record.suppressions = []
        case .rescueSaysUnsent where isRescue:
            record.proof = .notSent
            record.change.next = .deferred(.none)
            record.change.possibleDuplicate = false
        case .resendsTwice
        where record.proof == .unknown && record.change.state == .unknown
            && record.change.possibleDuplicate:
            record.change.next = .deferred(.none)
        case .retriesNothing where record.proof == .notSent && record.change.state == .deferred:
            record.change.next = .failed
            record.change.reason = "attempts_exhausted"
        default: break
        }
        return record
    }

    /// Changes receipts before they reach the store.
    func receipts(_ receipts: [SimulatedReceipt]) -> [SimulatedReceipt] {
        guard mutation == .receiptsOverwrite else { return receipts }
        var last: [DeliveryID: Int] = [:]
        for (index, one) in receipts.enumerated() { if let id = one.receipt.delivery { last[id] = index } }
        return last.values.sorted().map { receipts[$0] }
    }

    /// An admitted attempt that the store never granted.
    func invented(_ request: AdmissionRequest) -> AdmissionResult {
        invented += 1
        guard let address = world.known[request.message.recipient]?.address(on: request.channel) else {
            return .stale
        }
        let now = Instant(milliseconds: History.beginsAt.milliseconds + world.now)
        return .admitted(
            AdmittedAttempt(
                ledgerID: invented, owner: NodeIncarnation(rawValue: 0), delivery: request.delivery,
                attempt: request.attempt, address: address, admittedAt: now, deadline: now + .seconds(11)))
    }
}
