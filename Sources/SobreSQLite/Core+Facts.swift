import SobreModel
import SobreStore

extension Core {
    /// A profile with the names under which the ledger knows the person; nil when there is none.
    func person(_ id: String) throws(StoreError) -> Person? {
        let key = Symbol.recipient(id)
        if let known = profiles[key], known.profile.id == id { return known }
        let row = sql.profile.bind(1, key)
        guard try row.step() else { return nil }
        defer { row.reset() }
        let profile = ProfileColumns.read(row)
        guard profile.id == id else { return nil }
        let person = Person(profile)
        profiles.insert(person, for: key)
        return person
    }

    /// What deciding about this person has to know, as it stands inside the transaction.
    func facts(of person: Person?, recipient: String, after cutoff: Instant) throws(StoreError) -> AdmissionFacts {
        let subjects = person?.subjects ?? [.recipient(recipient)]
        var suppressions: [Suppression] = []
        if marks.suppressions > 0 {
            for subject in subjects {
                let row = sql.suppressions.bind(1, subject)
                while try row.step() { suppressions.append(SuppressionColumns.read(row)) }
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
        let own = entries.count
        for subject in subjects.dropFirst() {
            try addContacts(of: subject, after: cutoff, own: own, to: &entries)
        }
        for subject in subjects {
            for id in open.ids(of: subject) ?? [] {
                guard let attempt = open[id], !entries[own...].contains(where: { $0.id == id }) else { continue }
                entries.append(attempt.entry)
            }
        }
        if entries.count > own {
            entries.sort { ($0.spentAt ?? $0.openedAt, $0.id) < ($1.spentAt ?? $1.openedAt, $1.id) }
        }
        return entries
    }

    /// Adds the contacts of an address that are not the person's own: nearly always none, so that only their keys are
    /// read. Both are in the same order and walked side by side.
    private func addContacts(
        of subject: Symbol, after cutoff: Instant, own: Int, to entries: inout [LedgerEntry]
    ) throws(StoreError) {
        var next = 0
        let row = sql.contactIDs.bind(1, subject).bind(2, cutoff)
        while try row.step() {
            let spentAt = row.int(0)
            let id = row.int(1)
            while next < own, Self.isBefore(entries[next], spentAt, id) { next += 1 }
            if next < own, entries[next].id == id { continue }
            if entries[own...].contains(where: { $0.id == id }) { continue }
            let attempt = sql.attempt.bind(1, id)
            defer { attempt.reset() }
            if try attempt.step() { entries.append(AttemptColumns.entry(attempt)) }
        }
    }

    private static func isBefore(_ entry: LedgerEntry, _ spentAt: Int64, _ id: Int64) -> Bool {
        let own = (entry.spentAt ?? entry.openedAt).milliseconds
        return own < spentAt || own == spentAt && entry.id < id
    }

    func facts(recipient: String, horizon: Duration) throws(StoreError) -> AdmissionFacts {
        try facts(of: person(recipient), recipient: recipient, after: now() - horizon)
    }
}
