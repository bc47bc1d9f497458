public import SobreModel
public import SobreSandbox
public import SobreStore

/// What an independent look at a finished run found. Empty `faults` mean that every promise was kept.
public struct Verdict: Sendable {
    public var acknowledged = 0
    public var accepted = 0
    public var flaggedDuplicates = 0
    public var totals: [DeliveryState: Int] = [:]
    public var faults: [String] = []

    public init() {}

    /// Judges by the far end's log, and asks the store only whether everything acknowledged is there and final.
    public static func judge(
        journal: Journal, witness: Witness, store: any LogStore, capLimit: Int, capWindow: Duration
    ) async throws -> Verdict {
        var verdict = Verdict()
        verdict.acknowledged = journal.count
        verdict.accepted = witness.accepted.count
        verdict.totals = try await store.totals()
        for duplicate in witness.duplicates() {
            let isMarketing = duplicate.copies.contains { $0.category != "transactional" }
            if isMarketing {
                verdict.faults.append(
                    "marketing message \(duplicate.reference) was accepted \(duplicate.copies.count) times")
            } else if !duplicate.isFlagged || duplicate.copies.count > 2 {
                verdict.faults.append(
                    "transactional message \(duplicate.reference) was accepted \(duplicate.copies.count) times, flagged: \(duplicate.isFlagged)"
                )
            } else {
                verdict.flaggedDuplicates += 1
            }
        }
        for violation in witness.capViolations(
            limit: capLimit, windowMilliseconds: capWindow.milliseconds, category: "marketing")
        {
            verdict.faults.append("\(violation.person) got \(violation.messages.count) in a window of \(capLimit)")
        }
        if !witness.unreferenced.isEmpty {
            verdict.faults.append("\(witness.unreferenced.count) messages had no reference")
        }
        try await verdict.checkHistories(journal: journal, witness: witness, store: store)
        return verdict
    }

    /// Every acknowledged message is in the store and final, and what it says of sending agrees with the far end.
    private mutating func checkHistories(journal: Journal, witness: Witness, store: any LogStore) async throws {
        var acceptedReferences = Set(witness.accepted.compactMap(\.reference))
        var open: [String] = []
        for (key, text) in journal.ids.sorted(by: { $0.key < $1.key }) {
            guard let id = MessageID(text) else {
                faults.append("the server answered \(text) for \(key), which is no id")
                continue
            }
            let history = try await store.history(of: id)
            guard let last = history.last else {
                faults.append("acknowledged message \(key) (\(id)) is lost")
                continue
            }
            if !last.state.isFinal { open.append("\(key): \(last.state) \(last.reason)") }
            let wasAccepted = acceptedReferences.remove(last.delivery.description) != nil
            if last.state == .sent, !wasAccepted { faults.append("\(key) is recorded as sent, but nobody got it") }
            if wasAccepted, [.dropped, .expired, .cancelled].contains(last.state) {
                faults.append("\(key) is recorded as \(last.state), but it was accepted")
            }
        }
        if !open.isEmpty { faults.append("\(open.count) messages are not final, such as \(open.prefix(3))") }
        if !acceptedReferences.isEmpty {
            faults.append("\(acceptedReferences.count) accepted messages were never acknowledged to the client")
        }
    }
}
