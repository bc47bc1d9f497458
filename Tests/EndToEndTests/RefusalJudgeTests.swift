import SobreModel
import SobreStore
import Testing

@testable import TestBed

/// The checker of refusals must be able to fail: valid histories, and the same histories with one error.
@Suite("The judge of refusals")
struct RefusalJudgeTests {
    private struct Step {
        var delivery: Int64
        var at: Int64
        var state: DeliveryState
        var reason = ""
        var possibleDuplicate = false
        var detail = ""
    }

    /// Checks a history with a limit of 2 in 10 s.
    private func judge(_ steps: [Step]) -> RefusalJudge {
        var judge = RefusalJudge(limit: 2, window: .seconds(10), reach: .seconds(5)) { $0.category == "marketing" }
        for (index, step) in steps.enumerated() {
            let entry = LogEntry(
                sequence: Int64(index + 1), delivery: DeliveryID(rawValue: step.delivery << 4),
                at: Instant(milliseconds: step.at), state: step.state, reason: step.reason,
                detail: step.detail, possibleDuplicate: step.possibleDuplicate)
            judge.take(
                LogRow(
                    cursor: LogCursor("\(index + 1)")!, entry: entry, recipient: "ann", template: "t", campaign: nil,
                    category: "marketing"))
        }
        return judge
    }

    private func sent(_ delivery: Int64, at: Int64) -> [Step] {
        [Step(delivery: delivery, at: at - 5, state: .attempting), Step(delivery: delivery, at: at, state: .sent)]
    }

    private func refused(_ delivery: Int64, at: Int64) -> Step {
        Step(delivery: delivery, at: at, state: .dropped, reason: DropReason.frequencyCapped.rawValue)
    }

    @Test("A contact through a shared mailbox takes a slot of both, and either's full window justifies a refusal")
    func shared() {
        func judge(_ steps: [(recipient: String, step: Step)]) -> RefusalJudge {
            var judge = RefusalJudge(
                limit: 2, window: .seconds(10), reach: .seconds(5),
                holders: { recipient, channel in channel == .email ? [recipient == "ann" ? "bob" : "ann"] : [] },
                judging: { _ in true })
            for (index, item) in steps.enumerated() {
                let entry = LogEntry(
                    sequence: Int64(index + 1), delivery: DeliveryID(rawValue: item.step.delivery << 4),
                    at: Instant(milliseconds: item.step.at), state: item.step.state, reason: item.step.reason,
                    channel: item.step.detail == "sms" ? .sms : .email)
                judge.take(
                    LogRow(
                        cursor: LogCursor("\(index + 1)")!, entry: entry, recipient: item.recipient, template: "t",
                        campaign: nil, category: "marketing"))
            }
            return judge
        }
        let toAnn = sent(1, at: 1000).map { ("ann", $0) } + sent(2, at: 2000).map { ("ann", $0) }
        #expect(judge(toAnn + [("bob", refused(3, at: 3000))]).overBlocked == 0)
        var sms = refused(3, at: 3000)
        sms.detail = "sms"
        #expect(judge(sent(1, at: 1000).map { ("ann", $0) } + [("bob", sms)]).overBlocked == 1)
        // Both of Ann's mails count for Bob, so his SMS is refused with reason as well.
        #expect(judge(toAnn + [("bob", sms)]).overBlocked == 0)
    }

    @Test("Two in the window, or one and one that is open, justify a refusal")
    func justified() {
        let full = judge(sent(1, at: 1000) + sent(2, at: 2000) + [refused(3, at: 10_999)])
        #expect(full.overBlocked == 0 && full.refusals == 1)
        let open = judge(sent(1, at: 1000) + [Step(delivery: 2, at: 3000, state: .attempting), refused(3, at: 3001)])
        #expect(open.overBlocked == 0)
        let unknown = judge(
            sent(1, at: 1000)
                + [
                    Step(delivery: 2, at: 1000, state: .attempting), Step(delivery: 2, at: 1500, state: .unknown),
                    refused(3, at: 9000),
                ])
        #expect(unknown.overBlocked == 0 && unknown.unknownSlots == 1)
    }

    @Test("What a crash cut off may have been taken as late as it could have lasted, and not later")
    func cutOff() {
        func history(refusedAt: Int64) -> [Step] {
            sent(1, at: 9000) + [
                Step(delivery: 2, at: 1000, state: .attempting),
                Step(
                    delivery: 2, at: 1500, state: .unknown, detail: "no outcome was recorded: the process was cut off"),
                refused(3, at: refusedAt),
            ]
        }
        #expect(judge(history(refusedAt: 15_999)).overBlocked == 0)
        #expect(judge(history(refusedAt: 16_000)).overBlocked == 1)
    }

    @Test("A slot that is free again, was never taken, or was given back justifies none")
    func unjustified() {
        #expect(judge(sent(1, at: 1000) + sent(2, at: 2000) + [refused(3, at: 11_000)]).overBlocked == 1)
        #expect(judge(sent(1, at: 1000) + [refused(3, at: 1001)]).overBlocked == 1)
        let released = judge(
            sent(1, at: 1000)
                + [
                    Step(delivery: 2, at: 1000, state: .attempting), Step(delivery: 2, at: 1200, state: .deferred),
                    refused(3, at: 1300),
                ])
        #expect(released.overBlocked == 1)
        #expect(released.faults.count == 1)
    }

    @Test("What is recorded as sent is asked of the far end")
    func claimed() {
        #expect(judge(sent(1, at: 1000) + sent(2, at: 2000)).sent.count == 2)
    }
}
