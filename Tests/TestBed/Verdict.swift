public import SobreModel
public import SobreSandbox
public import SobreStore

/// The result of an independent check of a finished run. The run kept every promise when `faults` is empty.
public struct Verdict: Sendable {
    public var acknowledged = 0
    public var accepted = 0
    public var flaggedDuplicates = 0
    /// Windows in which a recipient got more than the cap, by the sandbox's record.
    public var overCap = 0
    /// Messages that a cap dropped.
    public var refusals = 0
    /// Messages that a cap dropped although its window had room.
    public var overBlocked = 0
    /// Attempts with an unknown outcome, which keep their slots.
    public var unknownSlots = 0
    public var totals: [DeliveryState: Int] = [:]
    public var faults: [String] = []

    public init() {}

    /// Checks the sandbox's record. The store is only used to check that every acknowledged message is present and
    /// final, and when messages were refused.
    public static func judge(
        journal: Journal, received: ReceivedMessages, store: any LogStore, capLimit: Int, capWindow: Duration,
        reach: Duration, mailboxes: SharedMailboxes = .none
    ) async throws -> Verdict {
        var verdict = Verdict()
        verdict.acknowledged = journal.count
        verdict.accepted = received.accepted.count
        verdict.totals = try await store.totals()
        verdict.checkDuplicates(received)
        for violation in received.capViolations(
            limit: capLimit, windowMilliseconds: capWindow.milliseconds, category: "marketing",
            holders: { message in
                message.channel == .email ? message.person.map(mailboxes.others) ?? [] : []
            })
        {
            verdict.overCap += 1
            verdict.faults.append("\(violation.person) got \(violation.messages.count) in a window of \(capLimit)")
        }
        if !received.unreferenced.isEmpty {
            verdict.faults.append("\(received.unreferenced.count) messages had no reference")
        }
        try await verdict.checkLog(
            journal: journal, received: received, store: store, capLimit, capWindow, reach, mailboxes)
        return verdict
    }

    private mutating func checkDuplicates(_ received: ReceivedMessages) {
        for duplicate in received.duplicates() {
            let isMarketing = duplicate.copies.contains { $0.category != "transactional" }
            let times = "\(duplicate.reference) was accepted \(duplicate.copies.count) times"
            if isMarketing {
                faults.append("marketing message \(times)")
            } else if !duplicate.isFlagged || duplicate.copies.count > 2 {
                faults.append("transactional message \(times), flagged: \(duplicate.isFlagged)")
            } else {
                flaggedDuplicates += 1
            }
        }
    }

    /// Checks that every acknowledged message is in the store and final, that the recorded sends agree with the
    /// sandbox's record, and that messages were refused only while the window was full.
    private mutating func checkLog(
        journal: Journal, received: ReceivedMessages, store: any LogStore, _ capLimit: Int, _ capWindow: Duration,
        _ reach: Duration, _ mailboxes: SharedMailboxes
    ) async throws {
        var refusalJudge = RefusalJudge(
            limit: capLimit, window: capWindow, reach: reach,
            holders: { recipient, channel in channel == .email ? mailboxes.others(with: recipient) : [] },
            judging: { $0.category == "marketing" })
        var last: [Int64: DeliveryState] = [:]
        try await LogStream.forEach(in: store) { row in
            last[row.entry.delivery.rawValue] = row.entry.state
            refusalJudge.take(row)
        }
        refusals = refusalJudge.refusals
        overBlocked = refusalJudge.overBlocked
        unknownSlots = refusalJudge.unknownSlots
        faults += refusalJudge.faults
        let accepted = Set(received.accepted.compactMap { $0.reference.flatMap { DeliveryID($0)?.rawValue } })
        for ghost in refusalJudge.sent.subtracting(accepted) {
            faults.append("\(DeliveryID(rawValue: ghost)) takes a slot as sent, but nobody got it")
        }
        checkMessages(journal, last: last, accepted: accepted)
    }

    private mutating func checkMessages(_ journal: Journal, last: [Int64: DeliveryState], accepted: Set<Int64>) {
        var unclaimed = accepted
        var open: [String] = []
        for (key, text) in journal.ids {
            guard let id = MessageID(text) else {
                faults.append("the server answered \(text) for \(key), which is no id")
                continue
            }
            let delivery = id.delivery(0).rawValue
            guard let state = last[delivery] else {
                faults.append("acknowledged message \(key) (\(id)) is lost")
                continue
            }
            if !state.isFinal { open.append("\(key): \(state)") }
            let wasAccepted = unclaimed.remove(delivery) != nil
            if state == .sent, !wasAccepted { faults.append("\(key) is recorded as sent, but nobody got it") }
            if wasAccepted, [.dropped, .expired, .cancelled].contains(state) {
                faults.append("\(key) is recorded as \(state), but it was accepted")
            }
        }
        if !open.isEmpty { faults.append("\(open.count) messages are not final, such as \(open.sorted().prefix(3))") }
        if !unclaimed.isEmpty {
            faults.append("\(unclaimed.count) accepted messages were never acknowledged to the client")
        }
    }
}
