import SobreModel
import SobreStore

/// An attempt whose outcome is not recorded yet. It counts as a contact at any time.
///
/// A class, because each attempt is put into several collections, and a copy of all its fields costs more than a
/// reference. Confined to the writer thread.
final class OpenAttempt {
    let entry: LedgerEntry
    let number: Int
    let provider: String
    let deadline: Instant
    let possibleDuplicate: Bool
    let policyVersion: Int
    let templateVersion: String
    /// The incarnation that began the attempt. Any incarnation other than the store's own is gone and cannot report the
    /// outcome any more.
    let owner: NodeIncarnation
    /// The other profiles for which the attempt counts, because they held its address when it was admitted.
    let holders: [KeyHash]

    init(
        entry: LedgerEntry, number: Int, provider: String, deadline: Instant, possibleDuplicate: Bool,
        policyVersion: Int, templateVersion: String, owner: NodeIncarnation, holders: [KeyHash] = []
    ) {
        self.entry = entry
        self.number = number
        self.provider = provider
        self.deadline = deadline
        self.possibleDuplicate = possibleDuplicate
        self.policyVersion = policyVersion
        self.templateVersion = templateVersion
        self.owner = owner
        self.holders = holders
    }

    var id: Int64 { entry.id }
}

/// The open attempts by ID and by the recipient and address that they may reach.
struct OpenAttempts {
    private var byID: [Int64: OpenAttempt] = [:]
    private var bySubject: [KeyHash: SmallArray<Int64>] = [:]
    /// All IDs from `first` on, ascending. May also hold IDs of attempts that have ended.
    private var order: [Int64] = []
    private var first = 0

    var count: Int { byID.count }
    var all: Dictionary<Int64, OpenAttempt>.Values { byID.values }

    subscript(id: Int64) -> OpenAttempt? { byID[id] }

    func ids(of subject: KeyHash) -> SmallArray<Int64>? { bySubject[subject] }

    mutating func insert(_ attempt: OpenAttempt) {
        byID[attempt.id] = attempt
        putInOrder(attempt.id)
        SmallArray.append(attempt.id, to: &bySubject[attempt.entry.recipient])
        for holder in attempt.holders { SmallArray.append(attempt.id, to: &bySubject[holder]) }
        if attempt.entry.address != attempt.entry.recipient {
            SmallArray.append(attempt.id, to: &bySubject[attempt.entry.address])
        }
    }

    @discardableResult
    mutating func remove(_ id: Int64) -> OpenAttempt? {
        guard let attempt = byID.removeValue(forKey: id) else { return nil }
        SmallArray.remove(from: &bySubject[attempt.entry.recipient]) { $0 == id }
        for holder in attempt.holders { SmallArray.remove(from: &bySubject[holder]) { $0 == id } }
        if attempt.entry.address != attempt.entry.recipient {
            SmallArray.remove(from: &bySubject[attempt.entry.address]) { $0 == id }
        }
        return attempt
    }

    /// The smallest ID of an open attempt.
    mutating func oldest() -> Int64? {
        while first < order.count, byID[order[first]] == nil { first += 1 }
        // Few are open at a time. One that stays open must not keep the IDs of all that were begun after it.
        if order.count > 2 * byID.count + 1024 {
            order = order[first...].filter { byID[$0] != nil }
            first = 0
        }
        return first < order.count ? order[first] : nil
    }

    /// IDs increase, except when a rollback opens an attempt again.
    private mutating func putInOrder(_ id: Int64) {
        guard let last = order.last, id <= last else {
            order.append(id)
            return
        }
        var (low, high) = (0, order.count)
        while low < high {
            let middle = (low + high) / 2
            if order[middle] < id { low = middle + 1 } else { high = middle }
        }
        if order[low] != id { order.insert(id, at: low) }
        first = min(first, low)
    }
}
