import SobreModel

/// The spent contacts of the people who were decided about last, so that a decision does not read them again from the
/// tables, however many they are.
///
/// What it holds of a person is complete: it was read once, and every contact that is recorded afterwards is added. A
/// contact belongs to everybody who has its person or its address among their subjects. At most about `capacity`
/// entries: when half of that was used since the last clearing, whoever was not asked for meanwhile is forgotten.
struct LedgerCache {
    fileprivate struct Known {
        var subjects: [KeyHash]
        /// Complete for contacts spent after this.
        var since: Instant
        /// By time, then id.
        var entries: [LedgerEntry]
        var round: Int

        /// What it takes of the capacity: a person without contacts is not free.
        var cost: Int { entries.count + 2 }
    }

    private let capacity: Int
    private var people: [KeyHash: Known] = [:]
    /// Whose ledgers a contact of a subject belongs to.
    private var peopleOf: [KeyHash: SmallArray<KeyHash>] = [:]
    private var round = 0
    private var costOfRound = 0

    init(capacity: Int) { self.capacity = max(1, capacity) }

    /// The contacts of a person spent after `cutoff`; nil when they must be read.
    mutating func entries(of person: KeyHash, _ subjects: [KeyHash], after cutoff: Instant) -> [LedgerEntry]? {
        guard let index = people.index(forKey: person) else { return nil }
        guard people.values[index].since <= cutoff, people.values[index].subjects == subjects else {
            remove(person)
            return nil
        }
        people.values[index].forget(upTo: cutoff)
        if people.values[index].round != round {
            people.values[index].round = round
            costOfRound += people.values[index].cost
        }
        let entries = people.values[index].entries
        if costOfRound > capacity / 2 { forgetUnused() }
        return entries
    }

    /// Keeps what was read of a person: every contact spent after `since`, by time and id.
    mutating func insert(_ entries: [LedgerEntry], of person: KeyHash, _ subjects: [KeyHash], since: Instant) {
        if people[person] != nil { remove(person) }
        let known = Known(subjects: subjects, since: since, entries: entries, round: round)
        people[person] = known
        for subject in subjects { SmallArray.append(person, to: &peopleOf[subject]) }
        costOfRound += known.cost
        if costOfRound > capacity / 2 { forgetUnused() }
    }

    /// Adds a contact that has just been spent.
    mutating func add(_ entry: LedgerEntry) {
        add(entry, to: entry.recipient)
        if entry.address != entry.recipient { add(entry, to: entry.address) }
    }

    private mutating func add(_ entry: LedgerEntry, to subject: KeyHash) {
        guard let owners = peopleOf[subject] else { return }
        for person in owners {
            guard let index = people.index(forKey: person) else { continue }
            if people.values[index].add(entry), people.values[index].round == round { costOfRound += 1 }
        }
    }

    /// Lets the ledgers in which a contact stands be read again: it has changed.
    mutating func forget(_ entry: LedgerEntry) {
        for subject in [entry.recipient, entry.address] {
            if let owners = peopleOf[subject] { for person in owners { remove(person) } }
        }
    }

    mutating func remove(_ person: KeyHash) {
        guard let known = people.removeValue(forKey: person) else { return }
        for subject in known.subjects {
            SmallArray.remove(from: &peopleOf[subject]) { $0 == person }
        }
    }

    mutating func removeAll() {
        people = [:]
        peopleOf = [:]
        costOfRound = 0
    }

    private mutating func forgetUnused() {
        for (person, known) in people where known.round != round { remove(person) }
        round += 1
        costOfRound = 0
    }
}

extension LedgerCache.Known {
    /// Forgets contacts that nothing will ask for again: the time of a store never goes back. Of a long ledger, whose
    /// entries would all have to move, a part at a time.
    fileprivate mutating func forget(upTo cutoff: Instant) {
        guard let first = entries.first, (first.committedAt ?? first.reservedAt) <= cutoff else { return }
        let old = entries.firstIndex { ($0.committedAt ?? $0.reservedAt) > cutoff } ?? entries.count
        guard entries.count < 256 || old > entries.count / 8 else { return }
        entries.removeFirst(old)
        since = cutoff
    }

    /// False when the entry is there already, under another subject of the same person.
    fileprivate mutating func add(_ entry: LedgerEntry) -> Bool {
        var place = entries.count
        while place > 0, LedgerEntry.isBefore(entry, entries[place - 1]) { place -= 1 }
        if place > 0, entries[place - 1].id == entry.id { return false }
        entries.insert(entry, at: place)
        return true
    }
}

extension LedgerEntry {
    /// The order of a person's ledger: by the time that counts, then by id.
    static func isBefore(_ a: LedgerEntry, _ b: LedgerEntry) -> Bool {
        (a.committedAt ?? a.reservedAt, a.id) < (b.committedAt ?? b.reservedAt, b.id)
    }
}
