import SobreModel
public import SobreSandbox
import SobreStore
import ZoneInfo

/// Checks the demonstration against what the sandbox received, independently of Sobre's own records.
public struct DemoCheck {
    /// A rolling cap of `Config/policy.yaml`. It is repeated here so that an error in reading the policy is detected.
    public struct Cap: Sendable {
        public var limit: Int
        public var window: Duration
        public var counts: @Sendable (ReceivedMessage) -> Bool
        public var perCampaign = false
    }

    public static let shippedCaps = [
        Cap(limit: 3, window: .seconds(7 * 86_400)) { $0.category == "marketing" },
        Cap(limit: 2, window: .seconds(30 * 86_400)) { $0.category == "marketing" && $0.channel == .sms },
        Cap(limit: 2, window: .seconds(30 * 86_400), counts: { $0.category == "marketing" }, perCampaign: true),
    ]

    public private(set) var faults: [String] = []
    public private(set) var accepted: Int

    public init(received: ReceivedMessages, tally: DemoTally, requested: Int, caps: [Cap]) {
        accepted = received.accepted.count
        for cap in caps { check(cap, received: received) }
        checkCalendarDays(received: received)
        for duplicate in received.duplicates() {
            let isTransactional = duplicate.copies.allSatisfy { $0.category == "transactional" }
            if !isTransactional || !duplicate.isFlagged {
                faults.append("\(duplicate.reference) was received \(duplicate.copies.count) times")
            }
        }
        checkNothingLost(received: received, tally: tally, requested: requested)
    }

    private mutating func check(_ cap: Cap, received: ReceivedMessages) {
        let campaigns = cap.perCampaign ? Set(received.accepted.map(\.campaign)) : [nil]
        for campaign in campaigns {
            let violations = received.capViolations(limit: cap.limit, windowMilliseconds: cap.window.milliseconds) {
                cap.counts($0) && (!cap.perCampaign || $0.campaign == campaign)
            }
            for violation in violations {
                faults.append(
                    "\(violation.person) got \(violation.messages.count) within \(cap.window), \(cap.limit) are allowed"
                )
            }
        }
    }

    /// Checks that nobody got two marketing messages on one day of their own calendar.
    private mutating func checkCalendarDays(received: ReceivedMessages) {
        var days: [String: Int] = [:]
        for message in received.accepted where message.category == "marketing" {
            let person = message.person ?? message.to
            guard let zone = try? ZoneCatalogue.system.zone(named: DemoPeople.zone(ofRecipient: person)) else {
                faults.append("the zone of \(person) is not known")
                continue
            }
            days["\(person) \(zone.day(containing: message.instant / 1000))", default: 0] += 1
        }
        for (day, count) in days.sorted(by: { $0.key < $1.key }) where count > 1 {
            faults.append("\(count) marketing messages on one day: \(day)")
        }
    }

    private mutating func checkNothingLost(received: ReceivedMessages, tally: DemoTally, requested: Int) {
        if tally.total.requested != requested {
            faults.append("\(requested) deliveries were requested, the log has \(tally.total.requested)")
        }
        let references = Set(received.accepted.compactMap(\.reference))
        var unaccounted = references
        for (delivery, row) in tally.last {
            let reference = delivery.description
            unaccounted.remove(reference)
            if row.entry.state == .sent, !references.contains(reference) {
                faults.append("\(reference) is recorded as sent, but was not received")
            }
            let mayHaveArrived = [DeliveryState.sent, .unknown].contains(row.entry.state)
            if references.contains(reference), !mayHaveArrived {
                faults.append("\(reference) is recorded as \(row.entry.state), but it was received")
            }
        }
        if !unaccounted.isEmpty { faults.append("\(unaccounted.count) received messages are not in the log") }
    }
}
