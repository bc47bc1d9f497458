public import SobreModel

/// Checks a history against the promises of the manual, from observations at the API, at the disk and at the
/// provider.
///
/// It is written from the promises, not from the code. It shares only type names with the product, uses none of the
/// product's functions for a decision, and trusts none of its tables except where a promise is about them.
public struct Checker {
    /// An attempt with everything that was observed about it.
    struct Attempt {
        var intent: Intent
        var moment: Moment
        /// All ids and addresses of the recipient at that moment, after merges.
        var people: Set<String>
        var subjects: Set<KeyHash>
        /// The recipient's wishes.
        var wishes: RecipientCaps
        /// The ids of the other profiles that held an address of the attempt at that moment. It counts for each.
        var holders: Set<String>
        /// These profiles, whose caps had to have room as well.
        var others: [CapBearer]
        /// One for each of the recipient's devices.
        var requests: [Request] = []
        var tookAt: Moment?
        var ending: Ending?
        var endedAt: Moment?
        /// Whether a crash, a stop or a lost answer of the store came between intent and record.
        var wasCutOff = false
        /// When a provider reported that it never accepted this.
        var disprovenAt: Moment?

        var isPossible: Bool { ending?.proof != .notSent && disprovenAt == nil }
    }

    let testimony: Testimony
    var violations: [Violation] = []

    // The content of the disk at the current observation.
    var profiles: [String: Profile] = [:]
    var mergedInto: [String: String] = [:]
    var suppressions: Set<Suppression> = []
    /// Suppressions that may be in force: it is unknown which address was meant, or whether an answer was received.
    var possibleSuppressions: Set<Suppression> = []
    var cancelled: Set<MessageID> = []
    /// The operators' pauses that were answered and not lifted, and when each was answered.
    var operatorPauses: [(pause: SendingPause, since: Moment)] = []
    var promises: [Int: Promise] = [:]
    var newestPolicy = 0
    var newestClaim: [DeliveryID: Int64] = [:]
    var usedClaims: Set<Claimed> = []
    /// Whether the wall clock was ever set, so that the node's clock may differ from true time.
    var clockWasSet = false
    /// The moments at which it was set back, and at which a node started.
    var setBacks: [Moment] = []
    var starts: [Moment] = []
    /// When the current node was started on restored data, by its clock; nil: its data are whole.
    var restoredAt: Instant?

    // Everything observed, by name.
    var accepted: [MessageID: MessageDraft] = [:]
    var keys: [String: (message: MessageID, request: KeyHash)] = [:]
    var attempts: [Attempt] = []
    var attemptByLedger: [Int64: Int] = [:]
    var attemptByReference: [String: Int] = [:]
    var attemptByRequest: [Int: Int] = [:]
    var attemptsByDelivery: [DeliveryID: [Int]] = [:]
    /// All events reported for a delivery, whether they were processed or not.
    var reported: [DeliveryID: Set<ReportedEvent>] = [:]
    /// Its known events, and when each happened first.
    var recorded: [DeliveryID: [ReportedEvent: Instant]] = [:]
    /// The most significant events of a delivery at any time.
    var peaks: [DeliveryID: Set<ReportedEvent>] = [:]
    var standings: [DeliveryID: Standing] = [:]
    var habits = Habits()
    /// Who is in a control group and who is not, by the group's name and the recipient's id.
    var groupWords: [String: Bool] = [:]

    /// A profile whose caps a message must pass: the recipient, or another that holds the address.
    struct CapBearer {
        /// All its ids, after merges.
        var people: Set<String>
        var wishes: RecipientCaps
    }

    struct Claimed: Hashable {
        var delivery: DeliveryID
        var epoch: Int64
    }

    init(_ testimony: Testimony) { self.testimony = testimony }

    /// All violations in a history; empty if all promises were kept.
    public static func judge(_ testimony: Testimony) -> [Violation] {
        var checker = Checker(testimony)
        for (moment, what) in testimony.observations { checker.see(what, at: moment) }
        checker.judgeCaps()
        checker.judgeDuplicates()
        checker.judgeDeliveries()
        checker.judgeEnd()
        return checker.violations
    }

    mutating func broken(_ invariant: Invariant, at moment: Moment? = nil, _ what: String) {
        violations.append(Violation(invariant, at: moment?.at, what))
    }

    private mutating func see(_ what: Observation, at moment: Moment) {
        switch what {
        case .accepted(let id, let draft, let key, let request):
            seeAccepted(id, draft, key: key, request: request, at: moment)
        case .replayed(let id, let key, let request):
            if let first = keys[key], first.message != id || first.request != request {
                broken(.oneMessageAKey, at: moment, "key \(key) was answered with \(id), not with \(first.message)")
            }
        case .conflicted(_, let key, let request):
            if let first = keys[key], first.request == request {
                broken(.oneMessageAKey, at: moment, "key \(key) came with the same request and was refused")
            }
        case .put(let profile): profiles[profile.id] = profile
        case .merged(let from, let into, let profile): seeMerged(from, into, profile, at: moment)
        case .suppressed(let suppression):
            suppressions.insert(suppression)
            possibleSuppressions.insert(suppression)
        case .lifted(let person):
            let names = Set(people(with: canonical(person)).map { KeyHash.recipient($0) })
            suppressions = suppressions.filter { !names.contains($0.subject) }
            possibleSuppressions = possibleSuppressions.filter { !names.contains($0.subject) }
        case .cancelled(let id): seeCancelled(id)
        case .paused(let pause): seePaused(pause, at: moment)
        case .resumed(let id): operatorPauses.removeAll { $0.pause.id == id }
        case .promised(let version, let promise):
            promises[version] = promise
            newestPolicy = max(newestPolicy, version)
        case .claimed(let delivery, let epoch): newestClaim[delivery] = epoch
        case .admitted(let intent): seeAdmitted(intent, at: moment)
        case .refused(let refusal): seeRefused(refusal, at: moment)
        case .settled(let delivery, let state): seeStanding(delivery, state)
        case .recorded(let ending): seeRecorded(ending, at: moment)
        case .requested(let request): seeRequested(request, at: moment)
        case .took(let number):
            if let index = attemptByRequest[number] { attempts[index].tookAt = moment }
        case .reported(let delivery, let event, let provider):
            if hasAsked(provider, for: delivery) { reported[delivery, default: []].insert(event) }
        case .digested(let delivery, let event, let provider, let at):
            seeDigested(delivery, event, by: provider, happenedAt: at, at: moment)
        case .crashed, .stopped, .answerLost:
            for index in attempts.indices where attempts[index].ending == nil { attempts[index].wasCutOff = true }
        case .started(let restoredAt):
            starts.append(moment)
            self.restoredAt = restoredAt
        case .clockSet(let ahead):
            clockWasSet = true
            if ahead < 0 { setBacks.append(moment) }
        }
    }

    private mutating func seeAccepted(
        _ id: MessageID, _ draft: MessageDraft, key: String?, request: KeyHash, at moment: Moment
    ) {
        if accepted.updateValue(draft, forKey: id) != nil {
            broken(.oneMessageAKey, at: moment, "message \(id) was accepted twice")
        }
        for slot in draft.plans.indices { standings[id.delivery(slot)] = .waits }
        guard let key else { return }
        if let first = keys[key] {
            broken(.oneMessageAKey, at: moment, "key \(key) made \(id) although it had made \(first.message)")
        } else {
            keys[key] = (id, request)
        }
    }

    private mutating func seeRecorded(_ ending: Ending, at moment: Moment) {
        guard let index = attemptByLedger[ending.ledgerID] else {
            return broken(.ledgerIsWhole, at: moment, "attempt \(ending.ledgerID) has an end but no beginning")
        }
        if let first = attempts[index].ending {
            return broken(
                .staleChangesNothing, at: moment,
                "attempt \(ending.ledgerID) was recorded \(first.proof), and again \(ending.proof)")
        }
        attempts[index].ending = ending
        attempts[index].endedAt = moment
        let attempt = attempts[index]
        seeStanding(attempt.intent.delivery, ending.state)
        seeAnswers(of: attempt)
        if ending.proof == .unknown, !attempt.wasCutOff, attempt.requests.allSatisfy(\.answersPlainly) {
            broken(
                .fewUnknowns, at: moment,
                "\(attempt.intent.delivery) attempt \(attempt.intent.attempt) is recorded as unknown, but its outcome was plain"
            )
        }
        if ending.proof == .sent, attempt.tookAt == nil {
            broken(
                .sentIsProven, at: moment,
                "\(attempt.intent.delivery) attempt \(attempt.intent.attempt) is recorded as sent, but no provider took it"
            )
        }
    }

    private mutating func seeRequested(_ request: Request, at moment: Moment) {
        let key = Self.reference(request.reference, request.attempt)
        guard let index = attemptByReference[key] else {
            return broken(
                .intentBeforeRequest, at: moment, "\(request.provider) was asked for \(key), which nobody had intended")
        }
        if attempts[index].requests.contains(where: { $0.address == request.address }) {
            broken(
                .intentBeforeRequest, at: moment,
                "\(request.provider) was asked twice for \(key) to \(request.address)")
        } else if attempts[index].ending != nil {
            broken(.intentBeforeRequest, at: moment, "\(request.provider) was asked for \(key) after its end")
        }
        judgePauses(request, attempts[index].intent, at: moment)
        attempts[index].requests.append(request)
        attemptByRequest[request.number] = index
    }

    static func reference(_ reference: String, _ attempt: Int) -> String { "\(reference) attempt \(attempt)" }
}
