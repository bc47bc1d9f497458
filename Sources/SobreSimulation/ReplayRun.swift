import SobreAdmission
import SobreModel

/// The state of a running replay.
struct ReplayRun {
    /// The data shared by all requests of one kind.
    struct Kind {
        /// The admission request. The recipient's parts are replaced for each delivery.
        var request: AdmissionRequest
        /// The recipient and the times of ``request``'s message. Requests of one recipient often follow each other, and
        /// the message is then reused.
        var person = UInt32.max
        var expiresAt = Int64.min
        var sendAt: Instant?
        var traits: ContactTraits
        var plans: [[Channel]]
        var rank: UInt8
        var campaign: Int
        var escalates: Bool
    }

    /// A delivery that is being decided.
    struct Delivery {
        var entry: Int
        var id: DeliveryID
        var holds: UInt32 = 0
        /// The row of the rule that held it first; -1 if none.
        var rule: Int32 = -1
    }

    let log: RequestLog
    let policy: Policy?
    /// The conditions of every decision. A replay knows its whole ledger and trusts its clock.
    let conditions: AdmissionConditions
    private let from: Int64
    private let to: Int64
    let population: Population
    let sharers: [KeyHash: [UInt32]]
    /// All profiles that hold a shared address.
    private let sharing: Set<UInt32>
    private let horizon: Duration
    private let consents: [Consent]
    var kinds: [Kind] = []
    let persons: [UInt32]
    /// The facts of the recipients in the current group, and their indices by number.
    var members: [AdmissionFacts] = []
    private var places: [UInt32: Int] = [:]
    /// The channels on which each member has an address.
    private var reach: [ChannelSet] = []
    /// Whether the profiles of the group share addresses.
    var isShared = false
    /// Of each member of such a group, the other profiles that are judged with it, with the addresses they share.
    var others: [[SharedAddresses]] = []
    var ladders = EscalationLadders()
    private var queue = DueQueue()
    private var nextContact: Int64 = 1
    var tally: Tally
    /// Rows by campaign.
    var rows: [Tally.Row] = []
    var campaignNames: [String] = []
    var rules: [Tally.RuleRow] = []
    private var ruleNumbers: [Policy.Objection: Int32] = [:]
    var reasons: [Reason: Int] = [:]

    /// Called with the outcome of each delivery, if set.
    var observer: ((End) -> Void)?

    /// The outcome of a delivery.
    struct End: Hashable {
        var delivery: DeliveryID
        var state: DeliveryState
        var channel: Channel?
        var reason: String
        /// When it was sent.
        var at: Instant?
    }

    /// Why a delivery was not sent.
    struct Reason: Hashable {
        var state: String
        var name: String
    }

    init(_ replay: Replay, policy: Policy?, conditions: AdmissionConditions = .normal) {
        log = replay.log
        self.policy = policy
        self.conditions = conditions
        from = replay.from.milliseconds
        to = replay.to.milliseconds
        population = replay.population
        consents = Population.consents(to: log.kinds)
        persons = replay.population.persons(of: log)
        sharers = replay.population.sharers(in: log)
        sharing = Set(sharers.values.joined())
        horizon = policy?.horizon ?? .zero
        tally = Tally(people: log.people.count)
        prepareKinds()
    }

    private mutating func prepareKinds() {
        var campaigns: [String: Int] = [:]
        for draft in log.kinds {
            let name = draft.campaign ?? draft.template
            let campaign = campaigns[name] ?? campaigns.count
            if campaign == campaigns.count {
                campaigns[name] = campaign
                campaignNames.append(name)
            }
            let message = Message(id: MessageID(rawValue: 0), acceptedAt: .epoch, draft: draft)
            kinds.append(
                Kind(
                    request: AdmissionRequest(
                        delivery: DeliveryID(rawValue: 0), epoch: 0, message: message, channel: draft.channels[0]),
                    traits: policy?.traits(of: draft) ?? ContactTraits(message: draft, channel: draft.channels[0]),
                    plans: draft.plans, rank: RequestLog.rank(of: draft.priority), campaign: campaign,
                    escalates: draft.route == .escalate))
        }
        rows = Array(repeating: Tally.Row(), count: campaignNames.count)
    }

    mutating func run(progress: (Int) -> Void) {
        let count = (log.entries.lastIndex { $0.due < to } ?? -1) + 1
        guard count > 0 else { return }
        let order = ReplayOrder(
            log, count: count, persons: persons, profiles: population.count(in: log), sharers: sharers.values)
        let end = Instant(milliseconds: log.entries[count - 1].due) + Replay.afterTime
        var done = 0
        for group in 0..<order.count {
            let positions = order[group]
            guard !positions.isEmpty else { continue }
            replay(positions, until: end)
            if done / 0x4000 != (done + positions.count) / 0x4000 { progress(done) }
            done += positions.count
        }
        tally.weekly.close()
    }

    /// Replays the requests of one group to their end.
    private mutating func replay(_ positions: ArraySlice<UInt32>, until end: Instant) {
        members.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
        reach.removeAll(keepingCapacity: true)
        others.removeAll(keepingCapacity: true)
        isShared = positions.first.map { sharing.contains(persons[Int(log.entries[Int($0)].person)]) } ?? false
        var rest = positions
        while true {
            if let next = rest.first, isNext(Int(next)) {
                rest.removeFirst()
                begin(Int(next))
            } else if let node = queue.first, node.due <= end.milliseconds {
                _ = queue.pop()
                decide(
                    Delivery(
                        entry: Int(node.entry), id: DeliveryID(rawValue: node.delivery), holds: node.holds,
                        rule: node.rule), at: Instant(milliseconds: node.due))
            } else {
                break
            }
        }
        while let node = queue.pop() { leave(node) }
    }

    /// The index of a recipient in the group. With the first request the recipient is added.
    mutating func place(of person: UInt32) -> Int {
        if !isShared, !members.isEmpty { return 0 }
        if let known = places[person] { return known }
        guard Int(person) < log.people.count else { return join(person, population.holder(person, in: log)) }
        return join(person, population.facts(of: person, named: log.people[Int(person)], consents: consents))
    }

    /// Adds a recipient with the facts before the first request. Returns the index.
    mutating func join(_ person: UInt32, _ facts: AdmissionFacts) -> Int {
        places[person] = members.count
        reach.append(ChannelSet((facts.profile?.addresses ?? []).lazy.map(\.channel)))
        members.append(facts)
        if isShared { noteSharing(of: person) }
        return members.count - 1
    }

    /// Whether the next request precedes all held deliveries.
    private func isNext(_ index: Int) -> Bool {
        guard let node = queue.first else { return true }
        let entry = log.entries[index]
        if entry.due != node.due { return entry.due < node.due }
        let rank = kinds[Int(entry.kind)].rank
        return rank != node.rank ? rank < node.rank : entry.id < node.delivery
    }

    private mutating func begin(_ index: Int) {
        let entry = log.entries[index]
        let message = MessageID(rawValue: entry.id)
        let kind = Int(entry.kind)
        for slot in kinds[kind].plans.indices {
            if entry.due >= from { rows[kinds[kind].campaign].requested += 1 }
            decide(Delivery(entry: index, id: message.delivery(slot)), at: Instant(milliseconds: entry.due))
        }
    }

    /// Decides for a delivery and applies the verdict.
    private mutating func decide(_ delivery: Delivery, at now: Instant) {
        let entry = log.entries[delivery.entry]
        let place = place(of: persons[Int(entry.person)])
        guard let policy else { return sendUnjudged(delivery, place, firstChannel(of: delivery, place), at: now) }
        forget(place, at: now)
        let judgement = judge(delivery, place, under: policy, at: now)
        noteStanding(delivery, after: judgement.verdict, at: now)
        switch judgement.verdict {
        case .send(let address, let traits):
            send(delivery, place, address, traits, further: judgement.furtherAddresses, at: now)
        case .hold(let until, let reason):
            // The policy does not change within a replay, so a hold without an end stays.
            hold(delivery, until: judgement.isEndless ? now : until, reason, judgement.objection, at: now)
        case .drop(let reason): drop(delivery, reason.rawValue, judgement.objection)
        case .expire: expire(delivery)
        case .reroute: drop(delivery, DropReason.unreachable.rawValue, nil)
        }
    }

    /// The first channel of a delivery, chosen as in the dispatcher.
    private func firstChannel(of delivery: Delivery, _ place: Int) -> Channel {
        let plan = kinds[Int(log.entries[delivery.entry].kind)].plans[delivery.id.slot]
        return plan.first { reach[place].contains($0) } ?? plan[0]
    }

    /// Decides for a delivery, following reroutes through the channels of its plan.
    mutating func judge(
        _ delivery: Delivery, _ place: Int, under policy: Policy, at now: Instant
    ) -> Policy.Judgement {
        let kind = Int(log.entries[delivery.entry].kind)
        prepare(delivery, kind, on: firstChannel(of: delivery, place))
        for _ in kinds[kind].plans[delivery.id.slot] {
            let judgement = judge(policy, kind, place, at: now)
            guard case .reroute(let channel) = judgement.verdict else { return judgement }
            kinds[kind].request.channel = channel
        }
        return judge(policy, kind, place, at: now)
    }

    /// Evaluates the policy. The facts are moved out of their array meanwhile, because a copy would retain and release
    /// a dozen references.
    private mutating func judge(_ policy: Policy, _ kind: Int, _ place: Int, at now: Instant) -> Policy.Judgement {
        kinds[kind].traits.channel = kinds[kind].request.channel
        tally.decisions += 1
        let holders = isShared ? holders(with: place, at: now) : []
        var facts = AdmissionFacts(profile: nil)
        swap(&facts, &members[place])
        if isShared { facts.holders = holders }
        let request = kinds[kind].request
        if kinds[kind].escalates { facts.earlier = ladders.earlier(than: request.delivery) }
        let judgement = policy.judge(
            request, facts: facts, conditions: conditions, now: now, traits: kinds[kind].traits)
        if kinds[kind].escalates { facts.earlier = [] }
        if isShared { facts.holders = [] }
        swap(&facts, &members[place])
        return judgement
    }

    /// Records the outcome for the later channels of an escalation.
    private mutating func noteStanding(
        _ delivery: Delivery, after verdict: AdmissionDecision.Verdict, at now: Instant
    ) {
        let kind = Int(log.entries[delivery.entry].kind)
        guard kinds[kind].escalates else { return }
        ladders.note(
            delivery.id, EarlierDelivery(on: kinds[kind].request.channel, after: verdict, at: now))
        if case .hold = verdict { return }
        if delivery.id.slot == kinds[kind].plans.count - 1 { ladders.forget(delivery.id.message) }
    }

    /// Fills the kind's request for one delivery.
    private mutating func prepare(_ delivery: Delivery, _ kind: Int, on channel: Channel) {
        let entry = log.entries[delivery.entry]
        let isReused =
            kinds[kind].person == entry.person && kinds[kind].expiresAt == entry.expiresAt
            && kinds[kind].sendAt == entry.sendAt
        if !isReused {
            // Makes the draft first and one message of it, because each change of a message's draft would copy the
            // draft.
            var draft = log.kinds[kind]
            draft.recipient = log.people[Int(entry.person)]
            draft.expiresAt = entry.expiresAt == .max ? nil : Instant(milliseconds: entry.expiresAt)
            draft.sendAt = entry.sendAt
            kinds[kind].request.message = Message(id: delivery.id.message, acceptedAt: .epoch, draft: draft)
            kinds[kind].person = entry.person
            kinds[kind].expiresAt = entry.expiresAt
            kinds[kind].sendAt = entry.sendAt
        }
        kinds[kind].request.delivery = delivery.id
        kinds[kind].request.channel = channel
        kinds[kind].request.message.id = delivery.id.message
        kinds[kind].request.message.acceptedAt = Instant(milliseconds: entry.acceptedAt)
        kinds[kind].traits.dedupKey = entry.dedupKey
        kinds[kind].traits.activity = entry.activity
    }

    /// Removes contacts outside the policy's horizon, once they are at least half of the ledger.
    mutating func forget(_ place: Int, at now: Instant) {
        let count = members[place].ledger.count
        guard count >= 16 else { return }
        let cutoff = now - horizon
        guard let middle = members[place].ledger[count / 2].committedAt, middle <= cutoff else { return }
        let kept = members[place].ledger.firstIndex { $0.committedAt ?? .distantFuture > cutoff } ?? count
        members[place].ledger.removeFirst(kept)
    }

    private mutating func send(
        _ delivery: Delivery, _ place: Int, _ address: Address, _ traits: ContactTraits, further: [Address],
        at now: Instant
    ) {
        let subject = isShared || policy?.countsByAddress == true ? address.subject : KeyHash.none
        let contact = LedgerEntry(
            id: nextContact, delivery: delivery.id, state: .committed, reservedAt: now, committedAt: now,
            traits: traits,
            recipient: .none, address: subject)
        nextContact += 1
        members[place].ledger.append(contact)
        if isShared { share(contact, of: place, further: further) }
        countSent(delivery, traits.channel, at: now)
    }

    /// Sends without a policy, if the recipient has a profile and an address.
    private mutating func sendUnjudged(_ delivery: Delivery, _ place: Int, _ channel: Channel, at now: Instant) {
        guard members[place].profile != nil else {
            return drop(delivery, DropReason.unknownRecipient.rawValue, nil)
        }
        guard reach[place].contains(channel) else {
            return drop(delivery, DropReason.noAddress.rawValue, nil)
        }
        countSent(delivery, channel, at: now)
    }

    private mutating func hold(
        _ delivery: Delivery, until: Instant, _ reason: HoldReason, _ objection: Policy.Objection?, at now: Instant
    ) {
        let counted = isCounted(delivery)
        let entry = log.entries[delivery.entry]
        var rule = delivery.rule
        if delivery.holds == 0 {
            rule = number(of: objection)
            if counted {
                rows[kinds[Int(entry.kind)].campaign].held += 1
                if rule >= 0 { rules[Int(rule)].held += 1 }
            }
        }
        let node = DueQueue.Node(
            due: until.milliseconds, delivery: delivery.id.rawValue, entry: UInt32(delivery.entry),
            holds: delivery.holds + 1, rule: rule, rank: kinds[Int(entry.kind)].rank)
        // A policy error waits until the policy is fixed. A hold without progress in time would never end.
        guard reason != .policyError, until > now, node.holds < Replay.maxHolds else { return leave(node) }
        queue.push(node)
    }

    /// The row of a rule; -1 if the objection is not by a rule.
    mutating func number(of objection: Policy.Objection?) -> Int32 {
        guard let objection, objection.isRule, let policy else { return -1 }
        if let known = ruleNumbers[objection] { return known }
        let number = Int32(rules.count)
        ruleNumbers[objection] = number
        rules.append(Tally.RuleRow(name: policy.name(of: objection), kind: policy.kind(of: objection)))
        return number
    }

    func isCounted(_ delivery: Delivery) -> Bool { log.entries[delivery.entry].due >= from }
}
