import Files
import Logging
import SobreAdmission
import SobreDispatch
import SobreModel
import SobreSQLite
import SobreSettings
import SobreStore

@testable import SobreHistories
@testable import SobreNode

/// Some weeks of one node: random messages under a random policy over the embedded store. Each decision of the dispatcher
/// is compared with the answers of the others on the same facts.
final class VerdictHistory {
    let seed: UInt64
    let folder: String
    let time = DoubtfulTime(Instant(rfc3339: "2026-03-20T00:00:00Z")!)
    var random: Seeded
    let text: String
    let policy: Policy
    /// Every other policy has a rule about all contacts ever, so that the facts do not depend on the date.
    let looksBackForever: Bool
    var store: SQLiteStore
    var profiles: [Profile] = []
    /// How often each verdict, rule and path was met.
    var counts: [String: Int] = [:]
    /// Where two answers differ.
    var differences: [String] = []
    private var open: [OpenAttempt] = []
    private var sent: [DeliveryID] = []
    private var messages = 0
    private var receipts = 0

    /// An attempt in flight, and what it was to say.
    private struct OpenAttempt {
        var ledgerID: Int64
        var delivery: DeliveryID
        var channel: Channel
        var draft: MessageDraft
    }

    init(seed: UInt64, folder: String) async throws {
        self.seed = seed
        self.folder = folder
        random = Seeded(seed, 0x5645_5244)
        looksBackForever = seed % 2 == 0
        text = RandomPolicy.text(&random, looksBackForever: looksBackForever)
        store = try SQLiteStore.open(directory: folder + "/data", time: time)
        policy = try Policy.parse(text: text).with(version: try await store.register(policy: text))
        for number in 0..<RandomRecipients.count {
            profiles.append(RandomRecipients.profile(number, &random, at: time.now()))
        }
        try await store.put(profiles)
    }

    /// Lets some time pass and things happen, decides what is due by then, and asks about one more message.
    func step() async throws {
        time.doubt(nil, [])
        time.advance(by: .milliseconds(random.number(1...5_400_000)))
        try await happen()
        try await decideDue(round: nil)
        let now = time.now()
        var draft = RandomRecipients.draft(messages, &random, at: now)
        if random.chance(80), let attempt = open.randomElement(using: &random) {
            // The same again, while the first is in flight.
            (draft.recipient, draft.category, draft.tenant) =
                (attempt.draft.recipient, attempt.draft.category, attempt.draft.tenant)
            (draft.campaign, draft.template, draft.dedupKey) =
                (attempt.draft.campaign, attempt.draft.template, attempt.draft.dedupKey)
        }
        messages += 1
        count("route \(draft.route)")
        var node = doubtfulNode()
        // What is not rendered is not sent, and then the later deliveries are decided on other facts than a dry run's.
        if draft.deliveryCount > 1 { node.isRendered = true }
        var round: Round?
        if (draft.sendAt ?? now) <= now {
            round = Round(node: node, server: try await node.dryRunner(self).decide(draft))
        }
        guard case .accepted(let id) = try await store.enqueue([Submission(draft: draft)])[0] else {
            throw StoreError(.internal, "a message was not accepted")
        }
        var ids = MessageIDGenerator(after: nil)
        // The spread of a release depends on the id, so a dry run gives the time of a message with the same id.
        if id != ids.next(at: now) { throw StoreError(.internal, "two messages were accepted in one millisecond") }
        try await decideDue(round: round)
    }

    /// The state of the node that decides.
    struct DecidingNode {
        var inForce: PolicyInForce
        /// How much less far the facts reach back than the policy looks.
        var missingHorizon = Duration.zero
        var isRendered = true
        var isCancelled = false
        /// Where the channel before stands, in place of where it does.
        var earlierState: DeliveryState?

        /// The facts with what the store settles by itself, but that a decision under way can still meet.
        func seen(_ facts: AdmissionFacts) -> AdmissionFacts {
            var facts = facts
            facts.isCancelled = isCancelled
            if let earlierState, let last = facts.earlier.indices.last { facts.earlier[last].state = earlierState }
            return facts
        }

        func dryRunner(_ history: VerdictHistory) -> DryRunner {
            DryRunner(store: history.store, policy: inForce, time: history.time, providers: { [:] })
        }

        /// Whether the server reads facts like these itself.
        var isPlain: Bool { missingHorizon == .zero && !isCancelled }
    }

    /// The deliveries of a message that has just been accepted.
    struct Round {
        var node: DecidingNode
        /// What `POST /v1/decisions` answered before it was accepted.
        var server: [(channel: Channel?, decision: AdmissionDecision)]
        /// What a preview answers on the facts of the first delivery.
        var preview: [DryRunDecision] = []
    }

    /// WhatsApp takes what `t0` says only for a day after the recipient's last message.
    private static let replyWindows: ReplyWindows = {
        var lengths = ByChannel<Duration?>(repeating: nil)
        lengths[.whatsapp] = .seconds(86_400)
        var approved = ApprovedTemplates()
        approved.set("t0", locales: ["": false])
        approved.set("t1", locales: ["": true])
        return ReplyWindows(lengths: lengths, approved: approved)
    }()

    private func doubtfulNode() -> DecidingNode {
        let now = time.now()
        let before = now - .milliseconds(random.number(0...30 * 86_400_000))
        var node = DecidingNode(
            inForce: PolicyInForce(
                policy, restoredAt: random.chance(70) ? before : nil, replyWindows: { Self.replyWindows }))
        if random.chance(100) {
            let by = Duration.milliseconds(random.number(6_000...900_000))
            time.doubt(
                random.chance(800) ? .ahead(by: by) : .behind(by: by),
                random.chance(500) ? [ClockCorrection(at: before, by: by)] : [])
        } else {
            time.doubt(nil, random.chance(60) ? [ClockCorrection(at: before, by: .seconds(3 * 86_400))] : [])
        }
        if random.chance(40) { node.missingHorizon = .milliseconds(random.number(1...86_400_000)) }
        if random.chance(40) { node.isRendered = false }
        if random.chance(15) { node.isCancelled = true }
        return node
    }

    /// Decides everything that is due, one delivery after another.
    private func decideDue(round: Round?) async throws {
        var round = round
        while let claimed = try await store.claim(limit: 1, lease: .seconds(60), channels: Set(Channel.allCases)).first
        {
            try await decide(claimed, &round)
        }
    }

    private func decide(_ claimed: ClaimedDelivery, _ round: inout Round?) async throws {
        var node = round?.node ?? doubtfulNode()
        if round == nil, random.chance(400) { node.earlierState = random.pick(DeliveryState.allCases) }
        let horizon = policy.horizon - node.missingHorizon
        var request = AdmissionRequest(
            delivery: claimed.claim.delivery, epoch: claimed.claim.epoch, message: claimed.message,
            channel: claimed.message.firstChannel(of: claimed.claim.delivery, for: claimed.profile), provider: "p",
            attempt: claimed.attempts + 1, isRendered: node.isRendered)
        let conditions = AdmissionConditions(of: time, horizon: horizon)
        let deciding = node
        while true {
            let decided = Decided()
            let result = try await store.admit(
                [request], policyVersion: policy.version, horizon: conditions.readingHorizon(for: horizon),
                attemptTimeout: .seconds(30)
            ) { request, facts, now in
                let facts = deciding.seen(facts)
                let decision = deciding.inForce.decide(request, facts: facts, conditions: conditions, at: now)
                decided.note(facts, decision, now)
                return decision
            }[0]
            guard let (facts, decision, now) = decided.value else {
                throw StoreError(.internal, "nothing was decided: \(result)")
            }
            if case .rerouted(let channel) = result {
                count("reroute")
                if channel == request.channel {
                    let question = Question(request: request, facts: facts, conditions: conditions, now: now)
                    try compare(decision, question, node, &round)
                    count("rendered after a first decision")
                    request.isRendered = true
                }
                request.channel = channel
                continue
            }
            // Many are held again and again: of those, some are enough.
            if round != nil || random.chance(600) {
                let question = Question(request: request, facts: facts, conditions: conditions, now: now)
                try compare(decision, question, node, &round)
            }
            if case .admitted(let admitted) = result {
                let isAwaited = round != nil && request.delivery.slot + 1 < request.message.draft.deliveryCount
                try await finish(admitted, of: request, isAwaited: isAwaited)
            } else if round == nil, case .hold = decision.verdict, random.chance(300) {
                _ = try await store.cancel(request.message.id)
            }
            return
        }
    }

    // MARK: Comparing

    private func compare(
        _ decision: AdmissionDecision, _ question: Question, _ node: DecidingNode, _ round: inout Round?
    ) throws {
        let request = question.request
        let slot = request.delivery.slot
        func check(_ name: String, _ other: AdmissionDecision, on channel: Channel) {
            count("asked \(name)")
            let difference = AnswerComparison.difference(
                decision, on: request.channel, request, from: other, on: channel, at: question.now)
            guard let difference else { return }
            differences.append(
                "message \(messages), delivery \(request.delivery) (\(request.message.draft.route), slot \(slot)): "
                    + "the dispatcher and \(name) differ: \(difference)")
        }
        // A simulation leaves out test messages, because no rule counts them.
        var judgement: Policy.Judgement?
        if !request.message.draft.isTest {
            let (channel, found) = try question.simulated(under: node.inForce)
            var simulated = decision
            simulated.verdict = found.verdict
            simulated.isEndless = found.isEndless
            check("simulate", simulated, on: channel)
            judgement = found
        }
        // A dry run counts what it would send on the channels before. Those of `route: all` are known to it only when it
        // decides about all of them.
        if slot == 0 || request.message.draft.route == .escalate {
            if round == nil {
                let server = question.dryRun(by: node.dryRunner(self))[0]
                check("a dry run", server.decision, on: server.channel)
            }
            let preview = question.preview(under: node.inForce)
            check("preview", preview[0].decision, on: preview[0].channel)
            if slot == 0 { round?.preview = preview }
        }
        if let round {
            if slot > 0 { check("preview", round.preview[slot].decision, on: round.preview[slot].channel) }
            if node.isPlain {
                let answer = round.server[slot]
                check("POST /v1/decisions", answer.decision, on: answer.channel ?? request.channel)
            }
        }
        count(decision, judgement)
    }

    private func count(_ decision: AdmissionDecision, _ judgement: Policy.Judgement?) {
        count("decisions")
        count(decision.verdict.kind)
        if case .send(let address, _) = decision.verdict { count("send on \(address.channel)") }
        if decision.summary.contains("another profile") { count("for another profile") }
        guard let judgement, decision.verdict == judgement.verdict, let objection = judgement.objection else { return }
        count("\(decision.verdict.kind) by \(policy.kind(of: objection))")
        if objection.isRule { count("rule \(policy.name(of: objection))") }
    }

    func count(_ what: String) { counts[what, default: 0] += 1 }

    // MARK: What happens

    /// A delivery before others of its message is accepted at once, as a dry run supposes. Of the others, some stay in
    /// flight for a while, and some of these fail.
    private func finish(_ admitted: AdmittedAttempt, of request: AdmissionRequest, isAwaited: Bool) async throws {
        if isAwaited || random.chance(550) {
            return try await record(admitted.ledgerID, admitted.delivery, on: request.channel, .sent)
        }
        open.append(
            OpenAttempt(
                ledgerID: admitted.ledgerID, delivery: admitted.delivery, channel: request.channel,
                draft: request.message.draft))
    }

    private func record(
        _ ledgerID: Int64, _ delivery: DeliveryID, on channel: Channel, _ proof: Outcome.Proof
    ) async throws {
        let next: NextState =
            switch proof {
            case .sent: .sent
            case .unknown: .unknown
            case .notSent: .failed
            }
        let change = DeliveryChange(
            next, reason: proof == .notSent ? "provider_rejected" : "", attempt: 1, channel: channel, provider: "p",
            providerID: "id-\(ledgerID)")
        try await store.record([AttemptRecord(ledgerID: ledgerID, delivery: delivery, proof: proof, change: change)])
        if proof != .notSent { sent.append(delivery) }
    }

    /// Attempts end, receipts come, and people and their suppressions change.
    private func happen() async throws {
        for attempt in open where random.chance(250) {
            let proof: Outcome.Proof = random.pick([.sent, .sent, .unknown, .notSent])
            try await record(attempt.ledgerID, attempt.delivery, on: attempt.channel, proof)
            open.removeAll { $0.ledgerID == attempt.ledgerID }
        }
        if random.chance(600), let delivery = sent.suffix(12).randomElement(using: &random) {
            receipts += 1
            let receipt = Receipt(
                provider: "p", eventID: "e\(receipts)", delivery: delivery,
                kind: random.pick([
                    .delivered, .opened, .opened, .clicked, .converted, .bouncedSoft, .bouncedHard, .complained,
                    .unsubscribed,
                ]), at: time.now())
            _ = try await store.append([receipt], maxWaiting: 1000)
            let processor = ReceiptProcessor(
                store: store, policy: .production(PolicyInForce(policy)), limits: ReceiptLimits(), time: time,
                logger: Logger(label: "verdicts") { _ in SwiftLogNoOpLogHandler() })
            _ = try await processor.processOnce()
        }
        let number = Int(random.number(0...Int64(RandomRecipients.count - 1)))
        if random.chance(300), let address = profiles[number].address(on: .whatsapp) {
            let at = time.now() - .milliseconds(random.number(0...2 * 86_400_000))
            try await store.note(LastInbound(address: address.subject, at: at))
        }
        switch random.next() % 12 {
        case 0:
            profiles[number] = RandomRecipients.profile(number, &random, at: time.now())
            try await store.put([profiles[number]])
        case 1:
            let suppression = RandomRecipients.suppression(of: profiles[number], &random, at: time.now())
            try await store.suppress([suppression])
        case 2, 3, 4:
            for subject in profiles[number].subjects {
                _ = try await store.lift(
                    subject: subject, channel: nil, category: nil, by: SuppressionLifting(source: "test"))
            }
        default: break
        }
    }
}
