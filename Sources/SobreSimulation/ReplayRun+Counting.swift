import SobreAdmission
import SobreModel

/// Counts the outcomes of deliveries.
extension ReplayRun {
    mutating func countSent(_ delivery: Delivery, _ channel: Channel, at now: Instant) {
        observer?(End(delivery: delivery.id, state: .sent, channel: channel, reason: "", at: now))
        guard isCounted(delivery) else { return }
        let campaign = kinds[Int(log.entries[delivery.entry].kind)].campaign
        rows[campaign].sentOn[channel] += 1
        if delivery.holds > 0 {
            rows[campaign].sentAfterHold += 1
            if delivery.rule >= 0 { rules[Int(delivery.rule)].sentAfterHold += 1 }
        }
        let person = Int(persons[Int(log.entries[delivery.entry].person)])
        tally.weekly.add(person, at: now)
        tally.sent[person] += 1
        let which = Self.mix(UInt64(bitPattern: delivery.id.rawValue) &* 256 &+ UInt64(channel.rawValue))
        tally.which[person] &+= which
        tally.when[person] &+= Self.mix(which ^ UInt64(bitPattern: now.milliseconds))
    }

    mutating func drop(_ delivery: Delivery, _ reason: String, _ objection: Policy.Objection?) {
        let rule = number(of: objection)
        observer?(End(delivery: delivery.id, state: .dropped, channel: nil, reason: reason, at: nil))
        guard isCounted(delivery) else { return }
        rows[kinds[Int(log.entries[delivery.entry].kind)].campaign].dropped += 1
        if rule >= 0 { rules[Int(rule)].dropped += 1 }
        reasons[Reason(state: "dropped", name: reason), default: 0] += 1
    }

    mutating func expire(_ delivery: Delivery) {
        observer?(End(delivery: delivery.id, state: .expired, channel: nil, reason: "expired", at: nil))
        guard isCounted(delivery) else { return }
        rows[kinds[Int(log.entries[delivery.entry].kind)].campaign].expired += 1
        reasons[Reason(state: "expired", name: ""), default: 0] += 1
    }

    /// Counts a delivery that is still held at the end.
    mutating func leave(_ node: DueQueue.Node) {
        let delivery = Delivery(
            entry: Int(node.entry), id: DeliveryID(rawValue: node.delivery), holds: node.holds, rule: node.rule)
        guard isCounted(delivery) else { return }
        rows[kinds[Int(log.entries[delivery.entry].kind)].campaign].waiting += 1
        let rule = node.rule >= 0 ? rules[Int(node.rule)].name : ""
        reasons[Reason(state: "held", name: rule), default: 0] += 1
    }

    /// The tally with its rows sorted.
    mutating func finished() -> Tally {
        tally.campaigns = zip(campaignNames, rows).filter { $1.requested > 0 }.sorted { $0.0 < $1.0 }
            .map { (name: $0, row: $1) }
        tally.reasons = reasons.map { (state: $0.state, reason: $0.name, count: $1) }
            .sorted { ($0.state, $0.reason) < ($1.state, $1.reason) }
        tally.rules = rules.filter { $0.held + $0.dropped > 0 }
            .sorted { ($1.held + $1.dropped, $0.kind, $0.name) < ($0.held + $0.dropped, $1.kind, $1.name) }
        return tally
    }

    /// SplitMix64's finaliser, which spreads ids over all bits.
    private static func mix(_ value: UInt64) -> UInt64 {
        var z = value &+ 0x9e37_79b9_7f4a_7c15
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
