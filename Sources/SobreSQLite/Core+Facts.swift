import SobreModel
import SobreStore

extension Core {
    /// A profile, found by its ID or an alias, with the names that the ledger uses for it. Nil when there is none.
    func person(_ id: String) throws(StoreError) -> Person? { try person(id, key: .recipient(id)) }

    /// A recipient that was found before, looked for again if a profile changed meanwhile.
    func person(_ id: String, _ found: FoundRecipient) throws(StoreError) -> Person? {
        if let person = found.person, found.generation == profiles.generation { return person }
        return try person(id, key: found.name)
    }

    /// Looks for a recipient, to be used again while no profile changes.
    func find(_ id: String) throws(StoreError) -> FoundRecipient {
        let key = KeyHash.recipient(id)
        return FoundRecipient(name: key, person: try person(id, key: key), generation: profiles.generation)
    }

    private func person(_ id: String, key: KeyHash) throws(StoreError) -> Person? {
        if let known = profiles[key], known.isNamed(id) { return known }
        guard let person = try storedPerson(named: key), person.isNamed(id) else { return nil }
        profiles.insert(person, for: key)
        return person
    }

    /// A profile, found by the key hash of its ID. Nil when there is none.
    func person(at key: KeyHash) throws(StoreError) -> Person? {
        if let known = profiles[key], known.subjects[0] == key { return known }
        guard let person = try storedPerson(at: key) else { return nil }
        profiles.insert(person, for: key)
        return person
    }

    /// The profile with this name. An alias has no row of its own in `profile`, so most names are found with one
    /// look-up.
    private func storedPerson(named name: KeyHash) throws(StoreError) -> Person? {
        if let person = try storedPerson(at: name) { return person }
        let canonical = try canonical(name)
        return canonical == name ? nil : try storedPerson(at: canonical)
    }

    private func storedPerson(at key: KeyHash) throws(StoreError) -> Person? {
        let row = sql.profile.bind(1, key)
        defer { row.reset() }
        guard try row.step() else { return nil }
        var profile = try ProfileColumns.read(row)
        let mayShare = row.int(9) != 0
        let aliases = try aliases(of: key)
        profile.aliases = aliases.lazy.map(\.id).filter { !$0.isEmpty }
        return Person(profile, names: [key] + aliases.map(\.name), mayShare: mayShare)
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
        var facts = AdmissionFacts(
            profile: person?.profile, suppressions: suppressions,
            ledger: try contacts(of: subjects, names: names, after: cutoff))
        if let person {
            try addHolders(of: person, to: &facts, after: cutoff)
            facts.lastInbound = try lastInbound(of: person.profile)
        }
        return facts
    }

    /// When the profile's addresses last wrote to us, on channels where that opens a window for free texts.
    private func lastInbound(of profile: Profile) throws(StoreError) -> [LastInbound] {
        var found: [LastInbound] = []
        for address in profile.addresses where address.channel.usesApprovedTemplates {
            let subject = address.subject
            let row = sql.lastInbound.bind(1, subject)
            defer { row.reset() }
            if try row.step() { found.append(LastInbound(address: subject, at: Instant(milliseconds: row.int(0)))) }
        }
        return found
    }

    /// The contacts of a profile, committed and open ones, in the order of a ledger.
    func contacts(of subjects: [KeyHash], names: Int, after cutoff: Instant) throws(StoreError) -> [LedgerEntry] {
        withOpen(try committedContacts(of: subjects, names: names, after: cutoff), of: subjects, names: names)
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

    /// Adds the open attempts, which may be reaching the recipient now. Those found under a name count for the profile.
    private func withOpen(_ committed: [LedgerEntry], of subjects: [KeyHash], names: Int) -> [LedgerEntry] {
        var entries = committed
        for (place, subject) in subjects.enumerated() {
            guard let ids = open.ids(of: subject) else { continue }
            for id in ids {
                guard let attempt = open[id], !entries[committed.count...].contains(where: { $0.id == id }) else {
                    continue
                }
                var entry = attempt.entry
                entry.countsForHolder = place < names
                if place < names { entry.recipient = subject }
                entries.append(entry)
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
        for name in subjects.prefix(names) {
            try readContacts(of: name, after: cutoff, into: &entries, counting: true) { _ in true }
        }
        var isSorted = names == 1
        for (place, address) in subjects.enumerated().dropFirst(names) where !subjects[..<place].contains(address) {
            // Nearly always there is no other recipient.
            for other in try people(at: address) where !subjects.prefix(names).contains(other) {
                try readContacts(of: other, after: cutoff, into: &entries, counting: false) { $0.address == address }
                isSorted = false
            }
        }
        if !isSorted {
            entries.sort(by: LedgerEntry.isBefore)
            Self.removeRepeated(&entries)
        }
        // Adds the contacts whose index rows are still pending, each once. The names come first, because what is found
        // under one of them counts for the profile.
        for (place, subject) in subjects.enumerated() {
            guard let young = pendingIndexRows.contacts(of: subject) else { continue }
            let known = entries.count
            for contact in young where contact.committedAt > cutoff.milliseconds {
                try add(
                    contact.attempt, committedAt: contact.committedAt, known: known,
                    countingFor: place < names ? subject : nil, to: &entries)
            }
            if entries.count > known { entries.sort(by: LedgerEntry.isBefore) }
        }
        return entries
    }

    private func readContacts(
        of name: KeyHash, after cutoff: Instant, into entries: inout [LedgerEntry], counting: Bool,
        where isAsked: (LedgerEntry) -> Bool
    ) throws(StoreError) {
        let row = sql.personContacts.bind(1, name).bind(2, cutoff)
        while try row.step() {
            var entry = try ContactColumns.entry(row)
            entry.countsForHolder = counting
            if isAsked(entry) { entries.append(entry) }
        }
    }

    /// Leaves one entry of each contact in a sorted ledger: the one that counts for the profile, if there is one. A
    /// contact is found several times when it was made to another name of the recipient, or to somebody else, through
    /// an address that the recipient held.
    private static func removeRepeated(_ entries: inout [LedgerEntry]) {
        var kept = 0
        for index in entries.indices {
            if kept > 0, entries[kept - 1].id == entries[index].id {
                if entries[index].countsForHolder { entries[kept - 1].countsForHolder = true }
            } else {
                entries.swapAt(kept, index)
                kept += 1
            }
        }
        entries.removeLast(entries.count - kept)
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
        _ id: Int64, committedAt: Int64, known: Int, countingFor name: KeyHash?, to entries: inout [LedgerEntry]
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
        if low < known, entries[low].id == id {
            if name != nil { entries[low].countsForHolder = true }
            return
        }
        let attempt = sql.attempt.bind(1, id)
        defer { attempt.reset() }
        guard try attempt.step() else { return }
        var entry = try AttemptColumns.entry(attempt)
        entry.countsForHolder = name != nil
        if let name { entry.recipient = name }
        if entry.state == .committed { entries.append(entry) }
    }

    func facts(recipient: String, horizon: Duration) throws(StoreError) -> AdmissionFacts {
        var facts = try facts(of: person(recipient), recipient: recipient, after: now() - horizon)
        facts.engagement = try engagement(of: .recipient(facts.profile?.id ?? recipient))
        facts.prior = try engagement(of: .none)
        facts.pauses = snapshot.pauses
        return facts
    }
}
