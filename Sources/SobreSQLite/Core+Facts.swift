import SobreModel
import SobreStore

extension Core {
    /// A profile, found by its ID or an alias, with the names that the ledger uses for it. Nil when there is none.
    func person(_ id: String) throws(StoreError) -> Person? {
        let key = KeyHash.recipient(id)
        if let known = profiles[key], known.isNamed(id) { return known }
        guard let (name, stored) = try storedProfile(key) else { return nil }
        var profile = stored
        let aliases = try aliases(of: name)
        profile.aliases = aliases.lazy.map(\.id).filter { !$0.isEmpty }
        let person = Person(profile, names: [name] + aliases.map(\.name))
        guard person.isNamed(id) else { return nil }
        profiles.insert(person, for: key)
        return person
    }

    /// The profile with this name, and the key hash of its ID. An alias has no row of its own in `profile`, so most
    /// names are found with one look-up.
    private func storedProfile(_ name: KeyHash) throws(StoreError) -> (KeyHash, Profile)? {
        if let profile = try profile(at: name) { return (name, profile) }
        let canonical = try canonical(name)
        guard canonical != name, let profile = try profile(at: canonical) else { return nil }
        return (canonical, profile)
    }

    private func profile(at key: KeyHash) throws(StoreError) -> Profile? {
        let row = sql.profile.bind(1, key)
        defer { row.reset() }
        return try row.step() ? try ProfileColumns.read(row) : nil
    }

    /// The facts for a decision about this recipient, as of the current transaction.
    func facts(of person: Person?, recipient: String, after cutoff: Instant) throws(StoreError) -> AdmissionFacts {
        let subjects: [KeyHash]
        if let person { subjects = person.subjects } else { subjects = try self.subjects(of: recipient) }
        let names = person?.names ?? subjects.count
        var suppressions: [Suppression] = []
        if snapshot.suppressions > 0 {
            for (place, subject) in subjects.enumerated() {
                let row = sql.suppressions.bind(1, subject)
                while try row.step() {
                    var suppression = try SuppressionColumns.read(row)
                    // A suppression under an alias applies to the recipient.
                    if place < names { suppression.subject = subjects[0] }
                    suppressions.append(suppression)
                }
            }
        }
        let committed = try committedContacts(of: subjects, names: names, after: cutoff)
        return AdmissionFacts(
            profile: person?.profile, suppressions: suppressions, ledger: withOpen(committed, of: subjects))
    }

    /// The committed contacts, each once, oldest first.
    private func committedContacts(
        of subjects: [KeyHash], names: Int, after cutoff: Instant
    ) throws(StoreError) -> [LedgerEntry] {
        if let known = ledgers.entries(of: subjects[0], subjects, after: cutoff) { return known }
        let entries = try readContacts(of: subjects, names: names, after: cutoff)
        ledgers.insert(entries, of: subjects[0], subjects, since: cutoff)
        return entries
    }

    /// Adds the open attempts, which may be reaching the recipient now.
    private func withOpen(_ committed: [LedgerEntry], of subjects: [KeyHash]) -> [LedgerEntry] {
        var entries = committed
        for subject in subjects {
            guard let ids = open.ids(of: subject) else { continue }
            for id in ids {
                guard let attempt = open[id], !entries[committed.count...].contains(where: { $0.id == id }) else {
                    continue
                }
                entries.append(attempt.entry)
            }
        }
        if entries.count > committed.count { entries.sort(by: LedgerEntry.isBefore) }
        return entries
    }

    /// The first `names` subjects are the recipient's ID and aliases. The others are its addresses.
    private func readContacts(
        of subjects: [KeyHash], names: Int, after cutoff: Instant
    ) throws(StoreError) -> [LedgerEntry] {
        var entries: [LedgerEntry] = []
        for name in subjects.prefix(names) { try readContacts(of: name, after: cutoff, into: &entries) { _ in true } }
        var isSorted = names == 1
        for (place, address) in subjects.enumerated().dropFirst(names) where !subjects[..<place].contains(address) {
            // Nearly always there is no other recipient.
            for other in try people(at: address) where !subjects.prefix(names).contains(other) {
                try readContacts(of: other, after: cutoff, into: &entries) { $0.address == address }
                isSorted = false
            }
        }
        if !isSorted { entries.sort(by: LedgerEntry.isBefore) }
        // Adds the contacts whose index rows are still pending, each once.
        for subject in subjects {
            guard let young = pendingIndexRows.contacts(of: subject) else { continue }
            let known = entries.count
            for contact in young where contact.committedAt > cutoff.milliseconds {
                try add(contact.attempt, committedAt: contact.committedAt, known: known, to: &entries)
            }
            if entries.count > known { entries.sort(by: LedgerEntry.isBefore) }
        }
        return entries
    }

    private func readContacts(
        of name: KeyHash, after cutoff: Instant, into entries: inout [LedgerEntry],
        where isAsked: (LedgerEntry) -> Bool
    ) throws(StoreError) {
        let row = sql.personContacts.bind(1, name).bind(2, cutoff)
        while try row.step() {
            let entry = try ContactColumns.entry(row)
            if isAsked(entry) { entries.append(entry) }
        }
    }

    /// Everybody who was ever reached at an address, under the names used at that time.
    private func people(at address: KeyHash) throws(StoreError) -> [KeyHash] {
        var people: [KeyHash] = []
        let row = sql.addressPeople.bind(1, address)
        while try row.step() { people.append(row.keyHash(0)) }
        return people
    }

    /// Adds an attempt, unless it is among the first `known` entries, which are sorted, or a receipt has released it.
    private func add(
        _ id: Int64, committedAt: Int64, known: Int, to entries: inout [LedgerEntry]
    ) throws(StoreError) {
        var low = 0
        var high = known
        while low < high {
            let middle = (low + high) / 2
            let entry = entries[middle]
            if ((entry.committedAt ?? entry.reservedAt).milliseconds, entry.id) < (committedAt, id) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        if low < known, entries[low].id == id { return }
        let attempt = sql.attempt.bind(1, id)
        defer { attempt.reset() }
        guard try attempt.step() else { return }
        let entry = try AttemptColumns.entry(attempt)
        if entry.state == .committed { entries.append(entry) }
    }

    func facts(recipient: String, horizon: Duration) throws(StoreError) -> AdmissionFacts {
        var facts = try facts(of: person(recipient), recipient: recipient, after: now() - horizon)
        facts.engagement = try engagement(of: .recipient(facts.profile?.id ?? recipient))
        facts.prior = try engagement(of: .none)
        return facts
    }
}
