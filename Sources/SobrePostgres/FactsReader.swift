import Postgres
import SobreModel
import SobreStore
import SobreStoreColumns

/// Reads what a decision about a recipient needs, as a connection sees it.
struct FactsReader {
    let connection: PostgresConnection
    let maxAddressHolders: Int

    static let suppressions = PreparedStatement(
        "facts_suppressions",
        "SELECT \(SuppressionRow.list) FROM suppression WHERE bucket = ANY($1) AND subject = ANY($2)")
    static let ownContacts = PreparedStatement(
        "facts_own",
        """
        SELECT attempt.person, \(LedgerRow.list) FROM attempt
        WHERE \(LedgerRow.counts) AND bucket = ANY($2) AND person = ANY($3)
        """)
    static let heldContacts = PreparedStatement(
        "facts_held",
        """
        SELECT holder.person, \(LedgerRow.list) FROM attempt_holder AS holder
        JOIN attempt ON attempt.bucket = holder.bucket AND attempt.id = holder.attempt
        WHERE \(LedgerRow.counts) AND holder.person = ANY($2)
        """)
    static let addressContacts = PreparedStatement(
        "facts_address",
        """
        SELECT attempt.person, \(LedgerRow.list) FROM address_person AS reached
        JOIN attempt ON attempt.bucket = reached.bucket AND attempt.person = reached.person
            AND attempt.address = reached.address
        WHERE \(LedgerRow.counts) AND reached.address = ANY($2) AND reached.person <> ALL($3)
        """)
    private static let holders = PreparedStatement(
        "facts_holders",
        """
        SELECT held.address, other.person FROM unnest($1::int8[]) WITH ORDINALITY AS held(address, place), LATERAL (
            SELECT person FROM address_owner WHERE address = held.address AND person NOT IN (0, $2) LIMIT $3) AS other
        ORDER BY held.place, other.person
        """)
    static let lastInbound = PreparedStatement(
        "facts_inbound", "SELECT address, at FROM last_inbound WHERE bucket = ANY($1) AND address = ANY($2)")
    private static let engagement = PreparedStatement(
        "facts_engagement", "SELECT slot, count FROM engagement WHERE bucket = $1 AND person = $2 AND count > 0")
    private static let prior = PreparedStatement(
        "facts_prior",
        """
        SELECT slot, sum(count)::int8 FROM bucket JOIN engagement ON engagement.bucket = bucket.id AND person = 0
        GROUP BY slot HAVING sum(count) > 0
        """)

    /// The facts about a recipient.
    ///
    /// - Parameters:
    ///   - recipient: any name.
    ///   - cutoff: contacts that were committed up to this time are left out.
    /// - Returns: everything but the pauses and what depends on the message.
    /// - Throws: `StoreError` or `PostgresError`.
    func facts(of recipient: String, after cutoff: Instant) throws -> AdmissionFacts {
        let person = try Person.find(recipient, connection)
        let names = try person?.names ?? Person.allNames(of: .recipient(recipient), connection)
        let addresses = person?.addresses ?? []
        var facts = AdmissionFacts(
            profile: person?.profile, suppressions: try suppressions(of: names, addresses),
            ledger: try contacts(of: names, addresses, after: cutoff))
        if let person {
            if person.mayShare { try addHolders(of: person, to: &facts, after: cutoff) }
            facts.lastInbound = try lastInbound(of: person.profile)
        }
        facts.engagement = try engagement(of: names[0])
        facts.prior = try priorEngagement()
        return facts
    }

    /// What all recipients did with earlier messages.
    func priorEngagement() throws -> Engagement { try read(try connection.query(Self.prior)) }

    private func suppressions(of names: [KeyHash], _ addresses: [KeyHash]) throws -> [Suppression] {
        let subjects = names + addresses
        return try connection.query(Self.suppressions, subjects.buckets, subjects.map(\.stored)).map { row in
            var suppression = try SuppressionRow.read(row)
            // A suppression under an alias applies to the recipient.
            if names.contains(suppression.subject) { suppression.subject = names[0] }
            return suppression
        }
    }

    /// The contacts of a profile, each once, in the order of a ledger.
    func contacts(of names: [KeyHash], _ addresses: [KeyHash], after cutoff: Instant) throws -> [LedgerEntry] {
        let keys = names.map(\.stored)
        try connection.send(Self.ownContacts, cutoff.milliseconds, names.buckets, keys)
        try connection.send(Self.heldContacts, cutoff.milliseconds, keys)
        try connection.send(Self.addressContacts, cutoff.milliseconds, addresses.map(\.stored), keys)
        var entries: [Int64: LedgerEntry] = [:]
        // What is found under a name counts for the profile, whatever else it is found under.
        for (place, result) in try connection.sync().suffix(3).enumerated() {
            for row in result {
                let entry = try LedgerRow.read(row, countsForHolder: place < 2)
                if entries[entry.id] == nil { entries[entry.id] = entry }
            }
        }
        return entries.values.sorted(by: LedgerEntry.isBefore)
    }

    /// Adds the other profiles that hold an address of the recipient, with their contacts.
    private func addHolders(of person: Person, to facts: inout AdmissionFacts, after cutoff: Instant) throws {
        let most = maxAddressHolders - 1
        var others: [KeyHash: [KeyHash]] = [:]
        var seen: Set<KeyHash> = []
        let held = person.addresses.filter { seen.insert($0).inserted }
        for row in try connection.query(Self.holders, held.map(\.stored), person.key.stored, most + 1) {
            others[KeyHash(stored: try row.int(0)), default: []].append(KeyHash(stored: try row.int(1)))
        }
        facts.crowdedAddresses = held.filter { others[$0, default: []].count > most }
        var shared: [(person: KeyHash, addresses: [KeyHash])] = []
        for address in held where others[address, default: []].count <= most {
            for other in others[address, default: []] {
                if let place = shared.firstIndex(where: { $0.person == other }) {
                    shared[place].addresses.append(address)
                } else {
                    shared.append((other, [address]))
                }
            }
        }
        let profiles = try Person.find(shared.map(\.person), connection)
        for holder in shared {
            guard let other = profiles.first(where: { $0.key == holder.person }) else { continue }
            facts.holders.append(
                AddressHolder(
                    profile: other.profile, addresses: holder.addresses,
                    ledger: try contacts(of: other.names, other.addresses, after: cutoff)))
        }
    }

    /// When the profile's addresses last wrote to us, on channels where that opens a window for free texts.
    func lastInbound(of profile: Profile) throws -> [LastInbound] {
        let asked = profile.addresses.filter(\.channel.usesApprovedTemplates).map(\.subject)
        if asked.isEmpty { return [] }
        var times: [KeyHash: Instant] = [:]
        for row in try connection.query(Self.lastInbound, asked.buckets, asked.map(\.stored)) {
            times[KeyHash(stored: try row.int(0))] = Instant(milliseconds: try row.int(1))
        }
        return asked.compactMap { address in times[address].map { LastInbound(address: address, at: $0) } }
    }

    /// What a recipient did with earlier messages.
    func engagement(of person: KeyHash) throws -> Engagement {
        try read(try connection.query(Self.engagement, Bucket.of(person), person.stored))
    }

    private func read(_ rows: QueryResult) throws -> Engagement {
        var engagement = Engagement.none
        for row in rows {
            let (slot, count) = (try row.int(0), try row.int(1))
            do throws(UnreadableColumn) {
                try EngagementSlot.set(slot, to: count, in: &engagement)
            } catch {
                throw StoreError.unreadable(error.what, in: error.column, of: slot)
            }
        }
        return engagement
    }
}
