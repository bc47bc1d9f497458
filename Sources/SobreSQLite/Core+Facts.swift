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
        var isSorted = true
        for subject in subjects.dropFirst() {
            // Nearly always the same contacts as the person's own: only what is new is read whole.
            let row = sql.contactIDs.bind(1, subject).bind(2, cutoff)
            while try row.step() {
                let id = row.int(0)
                guard !entries.contains(where: { $0.id == id }) else { continue }
                let attempt = sql.attempt.bind(1, id)
                defer { attempt.reset() }
                guard try attempt.step() else { continue }
                entries.append(AttemptColumns.entry(attempt))
                isSorted = false
            }
        }
        for subject in subjects {
            guard let ids = open.ids(of: subject) else { continue }
            for id in ids {
                guard let attempt = open[id], !entries.contains(where: { $0.id == id }) else { continue }
                entries.append(attempt.entry)
                isSorted = false
            }
        }
        if !isSorted {
            entries.sort { ($0.spentAt ?? $0.openedAt, $0.id) < ($1.spentAt ?? $1.openedAt, $1.id) }
        }
        return entries
    }

    func facts(recipient: String, horizon: Duration) throws(StoreError) -> AdmissionFacts {
        try facts(of: person(recipient), recipient: recipient, after: now() - horizon)
    }
}
