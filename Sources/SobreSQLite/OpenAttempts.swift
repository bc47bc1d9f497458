import SobreModel

/// An attempt whose outcome is not recorded yet: it counts as a contact whatever the time.
struct OpenAttempt {
    var entry: LedgerEntry
    var number: Int
    var provider: String
    var deadline: Instant
    var possibleDuplicate: Bool
    var policyVersion: Int
    var templateVersion: String
    /// Open when the store was opened: nobody can know its outcome any more.
    var fromEarlierRun: Bool

    var id: Int64 { entry.id }
}

/// The open attempts by id and by whom they are reaching.
struct OpenAttempts {
    private var byID: [Int64: OpenAttempt] = [:]
    private var bySubject: [Symbol: [Int64]] = [:]

    var count: Int { byID.count }
    var all: Dictionary<Int64, OpenAttempt>.Values { byID.values }

    subscript(id: Int64) -> OpenAttempt? { byID[id] }

    func ids(of subject: Symbol) -> [Int64]? { bySubject[subject] }

    mutating func insert(_ attempt: OpenAttempt) {
        byID[attempt.id] = attempt
        bySubject[attempt.entry.recipient, default: []].append(attempt.id)
        if attempt.entry.address != attempt.entry.recipient {
            bySubject[attempt.entry.address, default: []].append(attempt.id)
        }
    }

    @discardableResult
    mutating func remove(_ id: Int64) -> OpenAttempt? {
        guard let attempt = byID.removeValue(forKey: id) else { return nil }
        remove(id, of: attempt.entry.recipient)
        if attempt.entry.address != attempt.entry.recipient { remove(id, of: attempt.entry.address) }
        return attempt
    }

    private mutating func remove(_ id: Int64, of subject: Symbol) {
        guard let index = bySubject.index(forKey: subject) else { return }
        bySubject.values[index].removeAll { $0 == id }
        if bySubject.values[index].isEmpty { bySubject.remove(at: index) }
    }
}
