/// One receipt to send.
struct ReceiptEvent {
    let url: ReceiptURL
    let body: [UInt8]
    /// When it is sent, in milliseconds of the system clock.
    var dueAt: Int64
    /// The number of attempts so far.
    var tries = 0
}

/// Draws the events of each message. The events of the n-th message depend only on the seed and n.
struct ReceiptDice {
    let plan: ReceiptPlan
    let seed: UInt64
    private var count: UInt64 = 0
    private var draws: UInt64 = 0

    init(plan: ReceiptPlan, seed: UInt64) {
        self.plan = plan
        self.seed = seed
    }

    /// The events of the next message, in the order in which they would happen.
    mutating func kinds() -> [String] {
        count &+= 1
        draws = mix(seed ^ 0x7263_7074) &+ count &* 0x9E37_79B9_7F4A_7C15
        var kinds: [String] = []
        let fate = unit()
        if fate < plan.bounced { return ["bounced.hard"] }
        if fate < plan.bounced + plan.softBounced { return ["bounced.soft"] }
        guard unit() < plan.delivered else { return [] }
        kinds.append("delivered")
        if unit() < plan.opened {
            kinds.append("opened")
            if unit() < plan.clicked { kinds.append("clicked") }
        }
        if unit() < plan.unsubscribed { kinds.append("unsubscribed") }
        if unit() < plan.complained { kinds.append("complained") }
        return kinds
    }

    /// The delay of the next copy.
    mutating func delay() -> Int64 {
        let width = plan.delayMilliseconds.upperBound - plan.delayMilliseconds.lowerBound + 1
        return Int64(plan.delayMilliseconds.lowerBound + Int(unit() * Double(width)))
    }

    private mutating func unit() -> Double {
        draws &+= 1
        return Double(mix(draws) >> 11) * 0x1p-53
    }
}
