/// Draws the faults. The n-th roll of a stream depends only on the seed, the stream and n.
///
/// Each endpoint has its own stream, so emails in between do not change the fault of the n-th SMS. Rates do not shift
/// the sequence either: raising a rate only turns more of the same rolls into faults.
struct FaultDice {
    /// The fault of one message, not counting latency.
    enum Roll: Equatable {
        case none
        case tooManyRequests
        case serverError(Int)
        case garbage
        case reset
        case hang
        case serviceUnavailable
        case recipientDeferred

        /// The name used in the record and the statistics.
        var name: String? {
            switch self {
            case .none: nil
            case .tooManyRequests: "429"
            case .serverError(let status): String(status)
            case .garbage: "garbage"
            case .reset: "reset"
            case .hang: "hang"
            case .serviceUnavailable: "421"
            case .recipientDeferred: "rcpt4xx"
            }
        }
    }

    private(set) var plan: FaultPlan
    private(set) var seed: UInt64
    private var counters: [UInt64]

    private static let scopes = FaultPlan.Scope.allCases
    private static let recipientStream = scopes.count
    private static let httpConnectionStream = scopes.count + 1
    private static let smtpConnectionStream = scopes.count + 2

    init(plan: FaultPlan, seed: UInt64) {
        self.plan = plan
        self.seed = seed
        counters = Array(repeating: 0, count: Self.scopes.count + 3)
    }

    /// The fault of an endpoint's next message, and the delay of its answer in milliseconds.
    mutating func roll(_ scope: FaultPlan.Scope) -> (roll: Roll, delayMilliseconds: Int) {
        let draw = next(stream: Self.index(scope))
        let faults = plan[scope]
        return (Self.pick(faults, draw), Self.delay(faults.latency, draw))
    }

    /// Whether the next recipient is deferred with a 451.
    mutating func defersRecipient() -> Bool {
        let draw = next(stream: Self.recipientStream)
        return Self.unit(draw) < plan[.smtp].recipientDeferred
    }

    /// Whether the next HTTP connection is closed right after it is accepted.
    mutating func dropsHTTPConnection() -> Bool {
        let draw = next(stream: Self.httpConnectionStream)
        return Self.unit(draw) < plan.dropHTTP
    }

    /// Whether the next SMTP connection is closed right after it is accepted.
    mutating func dropsSMTPConnection() -> Bool {
        let draw = next(stream: Self.smtpConnectionStream)
        return Self.unit(draw) < plan.dropSMTP
    }

    private mutating func next(stream: Int) -> UInt64 {
        counters[stream] &+= 1
        return mix(mix(seed &+ UInt64(stream) &* 0xD1B5_4A32_D192_ED03) &+ counters[stream])
    }

    private static func pick(_ faults: Faults, _ draw: UInt64) -> Roll {
        var left = unit(draw)
        func hit(_ rate: Double) -> Bool {
            if left < rate { return true }
            left -= rate
            return false
        }
        if hit(faults.tooManyRequests) { return .tooManyRequests }
        if hit(faults.serverError) { return .serverError([500, 502, 503, 504][Int(mix(draw &+ 1) & 3)]) }
        if hit(faults.garbage) { return .garbage }
        if hit(faults.reset) { return .reset }
        if hit(faults.hang) { return .hang }
        if hit(faults.serviceUnavailable) { return .serviceUnavailable }
        return .none
    }

    private static func delay(_ latency: Faults.Latency?, _ draw: UInt64) -> Int {
        guard let latency, unit(mix(draw &+ 2)) < latency.rate else { return 0 }
        let width = latency.highMilliseconds - latency.lowMilliseconds + 1
        return latency.lowMilliseconds + Int(unit(mix(draw &+ 3)) * Double(width))
    }

    private static func index(_ scope: FaultPlan.Scope) -> Int {
        switch scope {
        case .smtp: 0
        case .twilio: 1
        case .fcm: 2
        case .webhook: 3
        case .token: 4
        }
    }

    /// 53 bits of a draw as a number in [0, 1).
    private static func unit(_ draw: UInt64) -> Double { Double(draw >> 11) * 0x1p-53 }
}

/// The finalizer of SplitMix64 (Steele, Lea, Flood 2014): spreads one number over 64 bits.
func mix(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
}
