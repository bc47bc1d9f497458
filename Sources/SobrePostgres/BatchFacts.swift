import Postgres
import SobreModel
import SobreStore

/// The facts about the recipients of a batch, read in a few statements for all of them.
final class BatchFacts {
    /// How many statements ``send(recipients:)`` sends.
    static let statements = 7

    private let connection: PostgresConnection
    private let reader: FactsReader
    private let cutoff: Instant
    /// The recipients as they were known before the locks were taken.
    private let known: [Person]
    private var recipients: Set<String> = []
    private var people: [String: Person] = [:]
    private var aliasHashes: Set<KeyHash> = []
    private var byName: [KeyHash: [LedgerEntry]] = [:]
    private var byAddress: [KeyHash: [LedgerEntry]] = [:]
    private var suppressed: [KeyHash: [Suppression]] = [:]

    private static let aliases = PreparedStatement(
        "facts_aliases", "SELECT key FROM alias WHERE bucket = ANY($1) AND key = ANY($2)")
    private static let sentAt = PreparedStatement(
        "facts_sent",
        """
        SELECT min(spent_at) FROM attempt WHERE bucket = $1 AND delivery = $2
            AND state = \(LedgerEntry.State.committed.rawValue)
        """)

    init(people: [Person], _ connection: PostgresConnection, after cutoff: Instant, maxAddressHolders: Int) {
        known = people
        self.connection = connection
        self.cutoff = cutoff
        reader = FactsReader(connection: connection, maxAddressHolders: maxAddressHolders)
    }

    /// The buckets of all names.
    var buckets: Set<Int> { Set(known.flatMap(\.names).map { Bucket.of($0) }) }

    /// Sends what is read under the locks.
    func send(recipients: Set<String>) throws(PostgresError) {
        let keys = Array(Set(recipients.map { KeyHash.recipient($0) }))
        let names = Array(Set(keys + known.flatMap(\.names)))
        let addresses = Array(Set(known.flatMap(\.addresses)))
        let subjects = names + addresses
        let stored = names.map(\.stored)
        try Person.sendFind(named: keys, connection)
        try connection.send(Self.aliases, keys.buckets, keys.map(\.stored))
        try connection.send(FactsReader.suppressions, subjects.buckets, subjects.map(\.stored))
        try connection.send(FactsReader.ownContacts, cutoff.milliseconds, names.buckets, stored)
        try connection.send(FactsReader.heldContacts, cutoff.milliseconds, stored)
        // Contacts of the recipients themselves are among these too, and are told apart below.
        try connection.send(FactsReader.addressContacts, cutoff.milliseconds, addresses.map(\.stored), [Int64]())
        self.recipients = recipients
    }

    func read(_ results: ArraySlice<QueryResult>) throws {
        let results = Array(results)
        people = try Person.read(results[0...1], named: recipients)
        aliasHashes = Set(try results[2].map { KeyHash(stored: try $0.int(0)) })
        for row in results[3] {
            let suppression = try SuppressionRow.read(row)
            suppressed[suppression.subject, default: []].append(suppression)
        }
        for row in results[4...5].joined() {
            let entry = try LedgerRow.read(row, countsForHolder: true)
            byName[entry.recipient, default: []].append(entry)
        }
        for row in results[6] {
            let entry = try LedgerRow.read(row, countsForHolder: false)
            byAddress[entry.address, default: []].append(entry)
        }
    }

    func person(_ recipient: String) -> Person? { people[recipient] }

    /// Whether what was read for all is enough for this recipient.
    func isSimple(_ recipient: String) -> Bool {
        guard let person = people[recipient] else { return !aliasHashes.contains(.recipient(recipient)) }
        return !person.mayShare
    }

    func facts(of recipient: String) throws -> AdmissionFacts {
        guard isSimple(recipient) else { return try reader.facts(of: recipient, after: cutoff) }
        let person = people[recipient]
        let names = person?.names ?? [.recipient(recipient)]
        let addresses = person?.addresses ?? []
        var facts = AdmissionFacts(
            profile: person?.profile, suppressions: suppressions(of: names, addresses),
            ledger: contacts(of: names, addresses))
        if let person { facts.lastInbound = try reader.lastInbound(of: person.profile) }
        return facts
    }

    private func suppressions(of names: [KeyHash], _ addresses: [KeyHash]) -> [Suppression] {
        if suppressed.isEmpty { return [] }
        var found = addresses.flatMap { suppressed[$0] ?? [] }
        // A suppression under an alias applies to the recipient.
        for var suppression in names.flatMap({ suppressed[$0] ?? [] }) {
            suppression.subject = names[0]
            found.append(suppression)
        }
        return found
    }

    /// The contacts of a profile, each once, in the order of a ledger. What is found under a name counts for the profile.
    private func contacts(of names: [KeyHash], _ addresses: [KeyHash]) -> [LedgerEntry] {
        var entries: [LedgerEntry] = []
        var seen: Set<Int64> = []
        for entry in names.flatMap({ byName[$0] ?? [] }) + addresses.flatMap({ byAddress[$0] ?? [] })
        where seen.insert(entry.id).inserted { entries.append(entry) }
        return entries.sorted(by: LedgerEntry.isBefore)
    }

    /// Adds what only some routes need.
    func complete(_ facts: inout AdmissionFacts, for request: AdmissionRequest) throws {
        let draft = request.message.draft
        if draft.route == .best || draft.bestTimeWithin != nil {
            facts.engagement = try reader.engagement(of: .recipient(facts.profile?.id ?? draft.recipient))
            facts.prior = try reader.priorEngagement()
        }
        if draft.route == .escalate, request.delivery.slot > 0 {
            for slot in 0..<min(request.delivery.slot, draft.channels.count) {
                let delivery = request.message.id.delivery(slot)
                if let earlier = try earlier(delivery, draft.channels[slot]) { facts.earlier.append(earlier) }
            }
        }
    }

    private func earlier(_ delivery: DeliveryID, _ channel: Channel) throws -> EarlierDelivery? {
        let bucket = Bucket.of(delivery.message)
        let sent = try connection.query(Self.sentAt, bucket, delivery.rawValue)
        guard let row = try connection.query(LogRow.last, [bucket], [delivery.rawValue]).first else { return nil }
        let last = try LogRow.read(row)
        return EarlierDelivery(
            channel: last.channel ?? channel, state: last.state, sentAt: try sent.first?.instant(0), dueAt: last.dueAt)
    }
}
