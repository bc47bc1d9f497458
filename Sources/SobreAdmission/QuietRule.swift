import SobreModel
import ZoneInfo

/// Hours in which no messages are sent.
final class QuietRule: Sendable {
    let name: String
    let appliesTo: Selector
    let hours: QuietHours
    /// Nil for the recipient's own zone.
    let zone: Zone?
    let onHit: RuleAction
    let otherwise: RuleFallback
    /// Held messages are released over this time after the end, spread by the delivery's id.
    let spread: Duration
    /// The recipients the rule applies to; nil for all.
    let segment: Segment?
    /// The line of the rule in the policy's text, from 1.
    let line: Int

    init(
        name: String, appliesTo: Selector, hours: QuietHours, zone: Zone?, onHit: RuleAction, otherwise: RuleFallback,
        spread: Duration, segment: Segment?, line: Int
    ) {
        self.name = name
        self.appliesTo = appliesTo
        self.hours = hours
        self.zone = zone
        self.onHit = onHit
        self.otherwise = otherwise
        self.spread = spread
        self.segment = segment
        self.line = line
    }

    /// What the rule comes to when it stops a message and no other channel takes it.
    var finalAction: RuleFallback {
        switch onHit {
        case .drop: .drop
        case .hold: .hold
        case .nextChannel: otherwise
        }
    }

    /// Whether it is quiet in any of the zones.
    func isQuiet(at instant: Instant, zones: [Zone]) -> Bool {
        let second = instant.milliseconds.floorDivided(by: 1_000)
        if let zone { return hours.isQuiet(zone.local(at: second)) }
        return zones.contains { hours.isQuiet($0.local(at: second)) }
    }

    /// The first instant from this one on at which no zone is quiet. Nil when there is none within the search range.
    func end(from instant: Instant, zones: [Zone]) -> Instant? {
        let zones = zone.map { [$0] } ?? zones
        let start = instant.milliseconds.floorDivided(by: 1_000)
        var second = start
        var moved = true
        var rounds = 0
        while moved {
            moved = false
            for zone in zones {
                guard let end = end(from: second, in: zone) else { return nil }
                if end != second {
                    second = end
                    moved = true
                }
            }
            rounds += 1
            if rounds > 512 { return nil }
        }
        return second == start ? instant : Instant(milliseconds: second * 1_000)
    }

    /// When a delivery that the rule stops at an instant is released: at the end, plus its part of the spread.
    func release(from instant: Instant, zones: [Zone], delivery: DeliveryID) -> Instant? {
        guard let end = end(from: instant, zones: zones) else { return nil }
        let width = UInt64(max(0, spread.milliseconds))
        guard end != instant, width > 0 else { return end }
        var hash = StableHash()
        hash.combine(name)
        hash.combine(KeyHash(rawValue: UInt64(bitPattern: delivery.rawValue)))
        var jitter = Int64(hash.keyHash.rawValue % (width + 1))
        while jitter > 0, isQuiet(at: Instant(milliseconds: end.milliseconds + jitter), zones: zones) { jitter /= 2 }
        return Instant(milliseconds: end.milliseconds + jitter)
    }

    private func end(from start: Int64, in zone: Zone) -> Int64? {
        var second = start
        // Each round reaches an open minute or a clock change, and there are few clock changes in the search range.
        for _ in 0..<64 {
            let local = zone.local(at: second)
            guard hours.isQuiet(local) else { return second }
            guard let open = hours.firstOpen(after: local) else { return nil }
            let target: Int64 =
                switch zone.instants(of: open) {
                case .unique(let instant), .gap(endsAt: let instant): instant
                case .overlap(let first, let last): first > second ? first : last
                }
            let change = zone.nextTransition(after: second) ?? .max
            second = max(second + 1, min(target, change))
        }
        return nil
    }
}
