import SobreModel
import SobreStore

extension Core {
    /// A profile with the names under which the ledger knows the person, by the id or an alias; nil when there is none.
    func person(_ id: String) throws(StoreError) -> Person? {
        let key = Symbol.recipient(id)
        if let known = profiles[key], known.isNamed(id) { return known }
        let canonical = try canonical(key)
        let row = sql.profile.bind(1, canonical)
        guard try row.step() else { return nil }
        var profile = ProfileColumns.read(row)
        row.reset()
        profile.aliases = try aliases(of: canonical)
        let person = Person(profile, names: try names(of: canonical))
        guard person.isNamed(id) else { return nil }
        profiles.insert(person, for: key)
        return person
    }

    /// What deciding about this person has to know, as it stands inside the transaction.
    func facts(of person: Person?, recipient: String, after cutoff: Instant) throws(StoreError) -> AdmissionFacts {
        let subjects: [Symbol]
        if let person { subjects = person.subjects } else { subjects = try self.subjects(of: recipient) }
        let names = person?.names ?? subjects.count
        var suppressions: [Suppression] = []
        if marks.suppressions > 0 {
            for (place, subject) in subjects.enumerated() {
                let row = sql.suppressions.bind(1, subject)
                while try row.step() {
                    var suppression = SuppressionColumns.read(row)
                    // Whatever name it came under, it is about the person.
                    if place < names { suppression.subject = subjects[0] }
                    suppressions.append(suppression)
                }
            }
        }
        return AdmissionFacts(
            profile: person?.profile, suppressions: suppressions, ledger: try ledger(subjects, after: cutoff))
    }

    /// The contacts of all these subjects, each once, oldest first.
    private func ledger(_ subjects: [Symbol], after cutoff: Instant) throws(StoreError) -> [LedgerEntry] {
        var entries: [LedgerEntry] = []
        let row = sql.contacts.bind(1, subjects[0]).bind(2, cutoff)
        while try row.step() { entries.append(AttemptColumns.entry(row)) }
        // Another subject's contacts are nearly always the person's own: only their keys are read, and looked up.
        for (index, subject) in subjects.enumerated() {
            let known = entries.count
            if index > 0 {
                let row = sql.contactIDs.bind(1, subject).bind(2, cutoff)
                while try row.step() {
                    try add(row.int(1), spentAt: row.int(0), known: known, to: &entries)
                }
            }
            for contact in unfiled.contacts(of: subject) where contact.spentAt > cutoff.milliseconds {
                try add(contact.attempt, spentAt: contact.spentAt, known: known, to: &entries)
            }
            if entries.count > known { entries.sort(by: Self.isBefore) }
        }
        let spent = entries.count
        for subject in subjects {
            for id in open.ids(of: subject) ?? [] {
                guard let attempt = open[id], !entries[spent...].contains(where: { $0.id == id }) else { continue }
                entries.append(attempt.entry)
            }
        }
        if entries.count > spent { entries.sort(by: Self.isBefore) }
        return entries
    }

    /// Adds a spent attempt unless it is among the first `known` entries, which are sorted.
    private func add(
        _ id: Int64, spentAt: Int64, known: Int, to entries: inout [LedgerEntry]
    ) throws(StoreError) {
        var low = 0
        var high = known
        while low < high {
            let middle = (low + high) / 2
            let entry = entries[middle]
            if ((entry.spentAt ?? entry.openedAt).milliseconds, entry.id) < (spentAt, id) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        if low < known, entries[low].id == id { return }
        let attempt = sql.attempt.bind(1, id)
        defer { attempt.reset() }
        if try attempt.step() { entries.append(AttemptColumns.entry(attempt)) }
    }

    private static func isBefore(_ a: LedgerEntry, _ b: LedgerEntry) -> Bool {
        (a.spentAt ?? a.openedAt, a.id) < (b.spentAt ?? b.openedAt, b.id)
    }

    func facts(recipient: String, horizon: Duration) throws(StoreError) -> AdmissionFacts {
        try facts(of: person(recipient), recipient: recipient, after: now() - horizon)
    }
}
