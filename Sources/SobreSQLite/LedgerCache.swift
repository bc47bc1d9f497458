import SobreModel
import SobreStore

/// The committed contacts of recently used recipients, so that decisions need not read them from the tables again.
///
/// The contacts of a cached recipient are complete: they are read once, and each contact that is recorded later is
/// added. A contact belongs to every recipient that has the contact's recipient or address among its subjects.
///
/// The cache holds about `capacity` entries. Once half of the capacity was used since the last eviction, recipients
/// that were not used in that time are evicted.
struct LedgerCache {
    /// A class, so that the contacts of a subject are added without a second look-up.
    fileprivate final class Known {
        let person: KeyHash
        let subjects: [KeyHash]
        /// Contacts committed after this instant are complete.
        var since: Instant
        /// Sorted by time, then ID.
        var entries: [LedgerEntry]
        var round: Int

        init(_ entries: [LedgerEntry], of person: KeyHash, _ subjects: [KeyHash], since: Instant, round: Int) {
            self.person = person
            self.subjects = subjects
            self.since = since
            self.entries = entries
            self.round = round
        }

        /// The share of the capacity that is used. A recipient without contacts also has a cost.
        var cost: Int { entries.count + 2 }
    }

    private let capacity: Int
    private var people: [KeyHash: Known] = [:]
    /// The recipients whose ledgers contain the contacts of a subject.
    private var peopleOf: [KeyHash: SmallArray<Known>] = [:]
    private var round = 0
    private var costOfRound = 0

    init(capacity: Int) { self.capacity = max(1, capacity) }

    /// The contacts of a recipient that were committed after `cutoff`. Nil when they must be read from the tables.
    mutating func entries(of person: KeyHash, _ subjects: [KeyHash], after cutoff: Instant) -> [LedgerEntry]? {
        guard let known = people[person] else { return nil }
        guard known.since <= cutoff, known.subjects == subjects else {
            remove(person)
            return nil
        }
        known.forget(upTo: cutoff)
        if known.round != round {
            known.round = round
            costOfRound += known.cost
        }
        if costOfRound > capacity / 2 { forgetUnused() }
        return known.entries
    }

    /// Caches the contacts of a recipient: all that were committed after `since`, sorted by time and ID.
    mutating func insert(_ entries: [LedgerEntry], of person: KeyHash, _ subjects: [KeyHash], since: Instant) {
        if people[person] != nil { remove(person) }
        let known = Known(entries, of: person, subjects, since: since, round: round)
        people[person] = known
        for subject in subjects { SmallArray.append(known, to: &peopleOf[subject]) }
        costOfRound += known.cost
        if costOfRound > capacity / 2 { forgetUnused() }
    }

    /// Adds a contact that was just committed. `holders` are the other profiles for which it counts. For those that are
    /// found by the address alone it does not.
    mutating func add(_ entry: LedgerEntry, holders: [KeyHash]) {
        var entry = entry
        entry.countsForHolder = true
        let recipient = entry.recipient
        add(entry, to: recipient)
        for name in holders {
            entry.recipient = name
            add(entry, to: name)
        }
        guard entry.address != recipient else { return }
        entry.recipient = recipient
        entry.countsForHolder = false
        add(entry, to: entry.address)
    }

    private mutating func add(_ entry: LedgerEntry, to subject: KeyHash) {
        guard let owners = peopleOf[subject] else { return }
        for known in owners where known.add(entry) && known.round == round { costOfRound += 1 }
    }

    /// Evicts the ledgers that contain a changed contact, so that they are read again.
    mutating func forget(_ entry: LedgerEntry, holders: [KeyHash]) {
        for subject in [entry.recipient, entry.address] + holders {
            if let owners = peopleOf[subject] { for known in owners { remove(known.person) } }
        }
    }

    mutating func remove(_ person: KeyHash) {
        guard let known = people.removeValue(forKey: person) else { return }
        for subject in known.subjects {
            SmallArray.remove(from: &peopleOf[subject]) { $0 === known }
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
    /// Removes contacts that are no longer needed, because the store's time never goes back. A long ledger is trimmed
    /// only when enough entries can be removed at once, because all remaining entries must move.
    fileprivate func forget(upTo cutoff: Instant) {
        guard let first = entries.first, (first.committedAt ?? first.reservedAt) <= cutoff else { return }
        let old = entries.firstIndex { ($0.committedAt ?? $0.reservedAt) > cutoff } ?? entries.count
        guard entries.count < 256 || old > entries.count / 8 else { return }
        entries.removeFirst(old)
        since = cutoff
    }

    /// Returns false when the entry is already present under another subject of the same recipient.
    fileprivate func add(_ entry: LedgerEntry) -> Bool {
        var place = entries.count
        while place > 0, LedgerEntry.isBefore(entry, entries[place - 1]) { place -= 1 }
        if place > 0, entries[place - 1].id == entry.id { return false }
        entries.insert(entry, at: place)
        return true
    }
}
