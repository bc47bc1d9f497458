import Postgres
import SobreModel
import SobreSettings
import SobreStore
import SobreStoreColumns

/// Decides on a batch under the locks of the buckets of everybody whom the decisions concern.
///
/// The locks are statements of their own, and the facts are read by later ones: a statement that waited for a lock does
/// not see what was committed meanwhile. One round trip takes the locks and reads, one writes and commits. Recipients who
/// share an address, and names without a profile, cost more.
final class AdmissionTransaction {
    enum Answer: Sendable {
        case decided([AdmissionResult])
        /// Nothing was decided, because a recipient was not known as it is now, or more buckets must be locked.
        case again(Set<Int>)
    }

    private static let release = PreparedStatement(
        "admit_release",
        "SELECT coalesce((SELECT max(version) FROM policy), 0), (SELECT number FROM pause_change)")

    let store: PostgresStore
    let plan: AdmissionPlan
    let connection: PostgresConnection
    var begun: [NewAttempt] = []

    init(_ store: PostgresStore, _ plan: AdmissionPlan, _ connection: PostgresConnection) {
        self.store = store
        self.plan = plan
        self.connection = connection
    }

    /// - Parameter wider: buckets to lock besides those of the deliveries and their recipients.
    /// - Returns: the decisions, which are written with the commit, or what a second try must lock too.
    /// - Throws: `StoreError` or `PostgresError`; nothing is written then.
    func run(locking wider: Set<Int>) throws -> Answer {
        let requests = plan.requests
        let asked = requests.map { store.claims.find($0.claim) }
        let begunAt = store.lastTime
        let facts = BatchFacts(
            people: asked.compactMap { $0?.person }, connection,
            after: begunAt - plan.horizon, maxAddressHolders: store.configuration.limits.maxAddressHolders)
        let buckets = facts.buckets.union(wider).union(requests.map { Bucket.of($0.delivery.message) }).sorted()
        try connection.send(QueueTransaction.lock, buckets)
        try connection.send(Self.release)
        try connection.send(PauseRow.all)
        try connection.send(
            QueueTransaction.items, Set(requests.map { Bucket.of($0.delivery.message) }).sorted(),
            requests.map(\.delivery.rawValue))
        try connection.send(QueueTransaction.drawNumbers, requests.count)
        try facts.send(recipients: Set(requests.map(\.message.recipient)))
        let (now, all) = try store.clock.read(connection)
        store.note(now)
        // The clock was set back, and the facts do not reach back far enough.
        if begunAt > now { return .again([]) }
        let results = Array(all.suffix(5 + BatchFacts.statements))
        let newest = Int(try results[1][0].int(0))
        if newest > plan.policyVersion { return .decided(requests.map { _ in .policyChanged(newest: newest) }) }
        let pauses = try results[2].map { try PauseRow.read($0) }
        store.learn(pauses.map(\.pause), try results[1][0].int(1))
        try facts.read(results[5...])
        if let again = try missing(facts, asked, Set(buckets)) { return .again(again) }
        let transaction = QueueTransaction(
            connection, now: now, numbers: try results[4].map { try $0.int(0) }, pauses: pauses)
        let terms = try BucketLeases.terms(results[0], of: store.incarnation)
        var items = try QueueItem.byDelivery(results[3])
        let answers = try zip(requests, asked).map { request, held -> AdmissionResult in
            guard let held, held.until > now, terms[held.item.bucket] == held.term,
                let item = items[request.delivery], item.isSame(as: held.item)
            else { return .stale }
            let result = try decide(request, item, facts, transaction)
            if case .rerouted = result { return result }
            // The claim is used up.
            items[request.delivery] = nil
            return result
        }
        try NewAttempt.send(begun, of: store.incarnation, connection)
        try transaction.writer.send(connection)
        return .decided(answers)
    }

    /// The buckets that a second try must lock too, with what is known of the recipients now. Nil when this one is enough.
    private func missing(
        _ facts: BatchFacts, _ asked: [HeldClaims.Held?], _ locked: Set<Int>
    ) throws -> Set<Int>? {
        var isStale = false
        var needed: Set<Int> = []
        for (request, held) in zip(plan.requests, asked) {
            guard let held else { continue }
            let person = facts.person(request.message.recipient)
            if !Person.isSame(person, held.person) {
                isStale = true
                store.claims.update(request.claim, person: person)
            }
            if facts.isSimple(request.message.recipient) { continue }
            let scope = PeopleScope(
                names: [.recipient(request.message.recipient)], addresses: Set(person?.addresses ?? []))
            needed.formUnion(try scope.resolved(connection).buckets)
        }
        return isStale || !needed.isSubset(of: locked) ? needed : nil
    }

    private func decide(
        _ request: AdmissionRequest, _ item: QueueItem, _ batch: BatchFacts, _ transaction: QueueTransaction
    ) throws -> AdmissionResult {
        let now = transaction.now
        let recipient = request.message.recipient
        let person = batch.person(recipient)
        var facts = try batch.facts(of: recipient)
        addBegun(to: &facts, person, recipient)
        try batch.complete(&facts, for: request)
        facts.pauses = transaction.pauses.map(\.pause)
        let decision = plan.decide(request, facts, now)
        switch decision.verdict {
        case .send(let address, let traits):
            let admitted = AdmittedAttempt(
                ledgerID: transaction.nextNumber(), owner: store.incarnation, delivery: request.delivery,
                attempt: request.attempt, address: address, furtherAddresses: decision.furtherAddresses,
                policyVersion: decision.policyVersion, admittedAt: now, deadline: now + plan.attemptTimeout)
            let reached = Set(([address] + decision.furtherAddresses).map(\.subject))
            let holders = facts.holders.filter { !reached.isDisjoint(with: $0.addresses) }
            begun.append(
                NewAttempt(
                    admitted: admitted, traits: traits, person: .recipient(recipient), address: address.subject,
                    provider: request.provider ?? "", possibleDuplicate: request.possibleDuplicate,
                    templateVersion: request.templateVersion, summary: decision.summary,
                    holders: holders.map { .recipient($0.profile.id) }))
            transaction.writer.take(item)
            transaction.writer.log(entry(of: begun[begun.count - 1]), of: item.campaign, attempt: admitted.ledgerID)
            return .admitted(admitted)
        case .reroute(let channel): return .rerouted(channel)
        case .hold, .drop, .expire:
            try transaction.end(
                item, decision.entry(for: request, at: now), mayRepeat: decision.isEndless, pause: decision.pause)
            if person == nil { try eraseLate(request.message, facts, now) }
            return .settled(decision)
        }
    }

    private func entry(of attempt: NewAttempt) -> LogEntry {
        let admitted = attempt.admitted
        return LogEntry(
            sequence: admitted.ledgerID, delivery: admitted.delivery, at: admitted.admittedAt, state: .attempting,
            attempt: admitted.attempt, channel: attempt.traits.channel, provider: attempt.provider,
            detail: attempt.summary, possibleDuplicate: attempt.possibleDuplicate,
            policyVersion: admitted.policyVersion, templateVersion: attempt.templateVersion)
    }

    /// Adds the attempts that were begun earlier in the batch.
    private func addBegun(to facts: inout AdmissionFacts, _ person: Person?, _ recipient: String) {
        if begun.isEmpty { return }
        let names = person?.names ?? [.recipient(recipient)]
        facts.ledger += begun.compactMap { $0.entry(in: names, person?.addresses ?? []) }
        facts.ledger.sort(by: LedgerEntry.isBefore)
        for index in facts.holders.indices {
            let profile = facts.holders[index].profile
            let names = ([profile.id] + profile.aliases).map { KeyHash.recipient($0) }
            let addresses = profile.addresses.map(\.subject)
            facts.holders[index].ledger += begun.compactMap { $0.entry(in: names, addresses) }
            facts.holders[index].ledger.sort(by: LedgerEntry.isBefore)
        }
    }

    /// A message to somebody who was erased brings the id and data back: they go with the decision that refuses it.
    private func eraseLate(_ message: Message, _ facts: AdmissionFacts, _ now: Instant) throws {
        guard facts.suppressions.contains(where: { $0.reason == .erased }) else { return }
        let people = PeopleTransaction(
            connection, scope: PeopleScope(names: [], addresses: []), now: now, configuration: store.configuration)
        try people.erase(message, ErasedWords(names: [message.recipient]))
    }
}

extension NewAttempt {
    /// The contact in the ledger of a profile; nil when it does not count for it.
    func entry(in names: [KeyHash], _ addresses: [KeyHash]) -> LedgerEntry? {
        if let name = ([person] + holders).first(where: names.contains) {
            return entry(countingFor: name, counts: true)
        }
        return addresses.contains(address) ? entry(countingFor: person, counts: false) : nil
    }
}

extension Person {
    /// Whether a recipient is reached and known by the same names.
    static func isSame(_ a: Person?, _ b: Person?) -> Bool {
        a?.names == b?.names && a?.addresses == b?.addresses && a?.mayShare == b?.mayShare
    }
}
