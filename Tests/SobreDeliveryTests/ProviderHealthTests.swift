import SobreDelivery
import SobreModel
import SobreSettings
import Testing

@Suite("Provider health")
struct ProviderHealthTests {
    static let start = Instant(milliseconds: 1_000_000)
    static let horizon = Duration.seconds(1)

    static let bounds: ProviderHealthLimits = {
        var bounds = ProviderHealthLimits()
        bounds.failures = 3
        bounds.brokenFor = .seconds(5)
        bounds.brokenMax = .seconds(40)
        bounds.probes = 2
        bounds.pause = .seconds(60)
        bounds.limitedFor = .seconds(1)
        bounds.limitedMax = .seconds(8)
        bounds.retryAfterMax = .seconds(120)
        return bounds
    }()

    /// The phases of a provider.
    enum Phase: CaseIterable {
        case open, limited, failing, paused, probingLimit, probingFailure, probingPause

        /// A provider in this phase with one call in progress, and the time.
        func reached() -> (health: ProviderHealth, now: Instant) {
            var health = ProviderHealthTests.healthy()
            let kind: Outcome.Kind? =
                switch self {
                case .open: nil
                case .limited, .probingLimit: .throttled
                case .failing, .probingFailure: .transient
                case .paused, .probingPause: .auth
                }
            var now = ProviderHealthTests.start
            _ = health.take(at: now, horizon: horizon)
            _ = health.handOver(at: now)
            guard let kind else { return (health, now) }
            for _ in 0..<3 where health.reopens(at: now) == nil {
                _ = health.take(at: now, horizon: horizon)
                _ = health.handOver(at: now)
                health.end(Outcome(kind, detail: "as told"), at: now)
            }
            if [.probingLimit, .probingFailure, .probingPause].contains(self) {
                now = health.reopens(at: now)!
                _ = health.take(at: now, horizon: horizon)
                _ = health.handOver(at: now)
            }
            return (health, now)
        }
    }

    static func healthy(rate: Double? = nil, concurrency: Int = 100) -> ProviderHealth {
        ProviderHealth(limits: CallLimits(rate: rate, burst: 1, concurrency: concurrency), bounds: bounds)
    }

    private func word(_ health: ProviderHealth, _ now: Instant) -> String {
        switch health.condition(at: now, horizon: Self.horizon) {
        case .open: "open"
        case .limited: "limited"
        case .broken(_, .failing, _): "failing"
        case .broken(_, .account, _): "account"
        }
    }

    /// The phase after each fault, by the phase before it. A missing entry means no change.
    static let moves: [(Outcome.Fault, [Phase: String])] = [
        (.nobody, [.paused: "open", .probingLimit: "open", .probingFailure: "open", .probingPause: "open"]),
        (.recipient, [.probingLimit: "open", .probingFailure: "open", .probingPause: "open"]),
        (.message, [.probingLimit: "open", .probingFailure: "open", .probingPause: "open"]),
        (.rate, [.open: "limited", .probingFailure: "limited", .probingPause: "limited"]),
        (.provider, [:]), (.way, [:]),
        (
            .account,
            [
                .open: "account", .limited: "account", .failing: "account", .probingLimit: "account",
                .probingFailure: "account",
            ]
        ),
    ]

    @Test(arguments: Outcome.Kind.allCases, Phase.allCases)
    func `each kind of outcome does to each phase what its fault says`(kind: Outcome.Kind, phase: Phase) throws {
        var (health, now) = phase.reached()
        let before = word(health, now)
        health.end(Outcome(kind), at: now)
        let row = try #require(Self.moves.first { $0.0 == kind.fault })
        // An expired token is nobody's fault, and does not prove that the account works.
        let isProof = kind.proof == .sent || phase != .paused
        #expect(word(health, now) == (isProof ? row.1[phase] : nil) ?? before)
        #expect(Self.moves.count == Outcome.Fault.allCases.count)
    }

    @Test(arguments: Outcome.Kind.allCases.filter { [.recipient, .message].contains($0.fault) }, Phase.allCases)
    func `what a recipient or a message is to blame for never pauses or slows a provider`(
        kind: Outcome.Kind, phase: Phase
    ) {
        var (health, now) = phase.reached()
        let room = health.room(at: now, horizon: Self.horizon)
        let until = health.reopens(at: now)
        for _ in 0..<50 {
            let change = health.end(Outcome(kind, retryAfter: .seconds(100)), at: now)
            #expect(!change.isWorse)
            _ = health.take(at: now, horizon: Self.horizon)
            if let until { #expect(health.reopens(at: now) ?? now <= until) }
            #expect(health.room(at: now, horizon: Self.horizon) >= room - 1)
        }
    }

    @Test func `Retry-After is kept by the provider, to a bound`() {
        var health = Self.healthy()
        for _ in 0..<3 { #expect(health.take(at: Self.start, horizon: Self.horizon) == true) }
        #expect(health.end(Outcome(.throttled, retryAfter: .seconds(30)), at: Self.start).isWorse == true)
        #expect(health.reopens(at: Self.start) == Self.start + .seconds(30))
        // Calls that were in progress: the longest requested wait counts.
        #expect(health.end(Outcome(.throttled, retryAfter: .seconds(10)), at: Self.start).isWorse == false)
        #expect(health.reopens(at: Self.start) == Self.start + .seconds(30))
        health.end(Outcome(.throttled, retryAfter: .seconds(86_400)), at: Self.start)
        #expect(health.reopens(at: Self.start) == Self.start + .seconds(120))
        #expect(health.room(at: Self.start + .milliseconds(119_999), horizon: Self.horizon) == 0)
        #expect(health.room(at: Self.start + .seconds(120), horizon: Self.horizon) == 2)
    }

    @Test func `a 429 that names no time waits a second, then twice as long each, and a success starts anew`() {
        var health = Self.healthy()
        var now = Self.start
        var waits: [Int64] = []
        for _ in 0..<6 {
            #expect(health.take(at: now, horizon: Self.horizon) == true)
            _ = health.handOver(at: now)
            health.end(Outcome(.throttled), at: now)
            let next = health.reopens(at: now)!
            waits.append((next - now).milliseconds)
            now = next
        }
        #expect(waits == [1_000, 2_000, 4_000, 8_000, 8_000, 8_000])
        _ = health.take(at: now, horizon: Self.horizon)
        health.end(Outcome(.accepted), at: now)
        #expect(word(health, now) == "open")
        _ = health.take(at: now, horizon: Self.horizon)
        health.end(Outcome(.throttled), at: now)
        #expect(health.reopens(at: now) == now + .seconds(1))
    }

    @Test func `after a limit calls begin with the probes, and each success allows one more`() {
        var health = Self.healthy(concurrency: 6)
        _ = health.take(at: Self.start, horizon: Self.horizon)
        health.end(Outcome(.throttled), at: Self.start)
        let now = health.reopens(at: Self.start)!
        var rooms: [Int] = []
        for _ in 0..<6 {
            rooms.append(health.room(at: now, horizon: Self.horizon))
            #expect(health.take(at: now, horizon: Self.horizon) == true)
            _ = health.handOver(at: now)
            health.end(Outcome(.accepted), at: now)
        }
        #expect(rooms == [2, 3, 4, 5, 6, 6])
    }

    @Test func `faults in a row break it, an answer in between starts the count anew`() {
        var health = Self.healthy()
        for kind: Outcome.Kind in [.transient, .ambiguous, .recipientInvalid, .transient, .ambiguous] {
            _ = health.take(at: Self.start, horizon: Self.horizon)
            #expect(health.end(Outcome(kind), at: Self.start).isWorse == false)
        }
        _ = health.take(at: Self.start, horizon: Self.horizon)
        #expect(health.end(Outcome(.transient, detail: "503"), at: Self.start).isWorse == true)
        #expect(
            health.condition(at: Self.start, horizon: Self.horizon)
                == .broken(until: Self.start + .seconds(5), cause: .failing, why: "503"))
    }

    @Test func `a failed probe doubles the wait to a bound, a good one ends it`() {
        var (health, now) = Phase.failing.reached()
        var waits: [Int64] = []
        for _ in 0..<5 {
            let next = health.reopens(at: now)!
            waits.append((next - now).milliseconds)
            now = next
            #expect(health.take(at: now, horizon: Self.horizon) == true)
            _ = health.handOver(at: now)
            health.end(Outcome(.transient), at: now)
        }
        #expect(waits == [5_000, 10_000, 20_000, 40_000, 40_000])
        now = health.reopens(at: now)!
        for _ in 0..<2 { #expect(health.take(at: now, horizon: Self.horizon) == true) }
        #expect(health.take(at: now, horizon: Self.horizon) == false, "two probes, no more")
        #expect(health.reopens(at: now)! > now)
        health.withdraw()
        #expect(health.reopens(at: now) == nil, "a probe that was never made frees its place")
        health.end(Outcome(.accepted), at: now)
        #expect(word(health, now) == "open")
    }

    @Test func `what was chosen before a provider asked for less is not handed over`() {
        var health = Self.healthy()
        for _ in 0..<2 { #expect(health.take(at: Self.start, horizon: Self.horizon) == true) }
        #expect(health.handOver(at: Self.start) == Self.start)
        health.end(Outcome(.throttled, retryAfter: .seconds(5)), at: Self.start)
        #expect(health.handOver(at: Self.start) == nil)
        health.abandon()
        #expect(health.inFlight == 0 && !health.mayCall(at: Self.start))
        #expect(health.join(isFirst: false, at: Self.start) == nil)
    }

    @Test func `our own rate shows as limited until its next place, and refuses nobody an attempt`() {
        var health = Self.healthy(rate: 1)
        for _ in 0..<2 {
            #expect(health.take(at: Self.start, horizon: Self.horizon) == true)
            _ = health.handOver(at: Self.start)
        }
        #expect(health.take(at: Self.start, horizon: Self.horizon) == false)
        // The third call begins after two seconds, and slots are given one second ahead.
        let next = Self.start + .seconds(1)
        #expect(health.condition(at: Self.start, horizon: Self.horizon) == .limited(until: next))
        #expect(health.nextFree(at: Self.start, horizon: Self.horizon) == next)
        #expect(health.begin(at: Self.start) == .now)
        #expect(health.begin(at: Self.start) == .later(next))
        #expect(health.begin(at: next) == .now)
        #expect(health.take(at: next, horizon: Self.horizon) == true)
        #expect(health.end(Outcome(.throttled), at: next).wasKnown == false)
    }

    @Test func `only the first refusal of a burst is news`() {
        var health = Self.healthy()
        for _ in 0..<3 { _ = health.take(at: Self.start, horizon: Self.horizon) }
        let changes = (0..<3).map { _ in health.end(Outcome(.throttled), at: Self.start) }
        #expect(changes.map(\.wasKnown) == [false, true, true])
        #expect(changes.map(\.isWorse) == [true, false, false])
    }

    @Test func `the same unexplained refusal of several recipients in a row is about us`() {
        var bounds = Self.bounds
        bounds.sameRefusals = 3
        func health() -> ProviderHealth {
            ProviderHealth(limits: CallLimits(rate: nil, burst: 1, concurrency: 100), bounds: bounds)
        }
        func refusal(_ words: String) -> Outcome {
            var outcome = Outcome(.permanentUnknown, detail: words)
            outcome.commonCause = KeyHash(words)
            return outcome
        }
        func end(_ health: inout ProviderHealth, _ outcome: Outcome, _ who: String, at now: Instant) -> Bool {
            _ = health.take(at: now, horizon: Self.horizon)
            return health.end(outcome, to: KeyHash(who), at: now).isAboutUs
        }
        var provider = health()
        #expect(!end(&provider, refusal("no"), "a", at: Self.start))
        // One recipient again and again says nothing about the others.
        for _ in 0..<9 { #expect(!end(&provider, refusal("no"), "a", at: Self.start)) }
        #expect(!end(&provider, refusal("no"), "b", at: Self.start))
        #expect(end(&provider, refusal("no"), "c", at: Self.start))
        #expect(provider.pause(at: Self.start)?.why == "3 recipients in a row were refused alike: no")
        // The probe after the pause is refused alike: nobody pays for it.
        let later = provider.reopens(at: Self.start)!
        #expect(later == Self.start + .seconds(60))
        #expect(end(&provider, refusal("no"), "d", at: later))
        #expect(provider.pause(at: later) != nil)
        let again = provider.reopens(at: later)!
        #expect(!end(&provider, Outcome(.accepted), "e", at: again))
        #expect(word(provider, again) == "open")
        #expect(!end(&provider, refusal("no"), "d", at: again))

        // Other words, or a success between them, begin anew.
        var other = health()
        for (words, who) in [("no", "a"), ("no", "b"), ("never", "c"), ("no", "d"), ("no", "e")] {
            #expect(!end(&other, refusal(words), who, at: Self.start))
        }
        #expect(!end(&other, Outcome(.accepted), "f", at: Self.start))
        #expect(!end(&other, refusal("no"), "g", at: Self.start))
        // What has a reason is counted by nobody.
        var reasons = health()
        for who in ["a", "b", "c", "d"] { #expect(!end(&reasons, Outcome(.recipientInvalid), who, at: Self.start)) }
        #expect(word(reasons, Self.start) == "open")
    }

    /// Any sequence of calls stays within the limits, whatever the outcomes.
    @Test(arguments: 0..<200) func `no history of calls breaks the bounds`(seed: UInt64) {
        var random = SplitMix(state: seed)
        var health = Self.healthy(rate: seed % 3 == 0 ? 50 : nil, concurrency: 8)
        var now = Self.start
        var chosen = 0
        var out = 0
        var begun = 0
        for _ in 0..<400 {
            let isShut = !health.mayCall(at: now)
            switch random.next() % 8 {
            case 0, 1, 2:
                if health.take(at: now, horizon: Self.horizon) {
                    #expect(!isShut)
                    chosen += 1
                }
            case 3 where chosen > 0:
                chosen -= 1
                if health.handOver(at: now) == nil {
                    #expect(isShut)
                    health.abandon()
                } else {
                    out += 1
                    if health.begin(at: now) == .now { begun += 1 }
                }
            case 4 where chosen > 0:
                chosen -= 1
                health.withdraw()
            case 5 where out > 0:
                out -= 1
                let kind = Outcome.Kind.allCases[Int(random.next() % UInt64(Outcome.Kind.allCases.count))]
                let asked: Duration? = random.next() % 3 == 0 ? .seconds(Int64(random.next() % 1_000)) : nil
                let before = health.reopens(at: now)
                health.end(Outcome(kind, retryAfter: asked), at: now)
                if begun > 0 {
                    begun -= 1
                    health.free()
                }
                let after = health.reopens(at: now)
                #expect((after ?? now) - now <= .seconds(120), "no wait is longer than its bound")
                if [.recipient, .message].contains(kind.fault) { #expect(after ?? now <= before ?? now) }
            case 6: now = now + .milliseconds(Int64(random.next() % 3_000))
            default: if let next = health.reopens(at: now) { now = next }
            }
            #expect(health.inFlight == chosen + out)
            #expect(health.inFlight <= 8)
            #expect(health.begun == begun)
            let room = health.room(at: now, horizon: Self.horizon)
            #expect(room >= 0 && room + health.inFlight <= max(8, health.inFlight))
        }
        for _ in 0..<(chosen + out) { health.end(Outcome(.accepted), at: now) }
        for _ in 0..<begun { health.free() }
        // Without further calls it opens again: one successful probe is enough.
        now = health.reopens(at: now) ?? now
        now = now + .seconds(10)
        #expect(health.take(at: now, horizon: Self.horizon) == true)
        health.end(Outcome(.accepted), at: now)
        #expect(word(health, now) == "open")
    }

    @Test("A provider that answers nothing gets no more calls beyond a few, until it answers")
    func stall() {
        var bounds = Self.bounds
        bounds.stalledAfter = .seconds(1)
        bounds.stalledCalls = 32
        var health = ProviderHealth(limits: CallLimits(burst: 1, concurrency: 1_000), bounds: bounds)
        for _ in 0..<40 {
            _ = health.take(at: Self.start, horizon: Self.horizon)
            _ = health.handOver(at: Self.start)
        }
        #expect(health.inFlight == 40)
        #expect(health.room(at: Self.start + .milliseconds(999), horizon: Self.horizon) == 960)
        let stalled = Self.start + .seconds(1)
        #expect(health.room(at: stalled, horizon: Self.horizon) == 0)
        let isTaken = health.take(at: stalled, horizon: Self.horizon)
        #expect(!isTaken)
        #expect(health.condition(at: stalled, horizon: Self.horizon) == .open)
        health.end(Outcome(.accepted), at: stalled)
        #expect(health.room(at: stalled, horizon: Self.horizon) == 961)
        // A few slow calls never stop the others.
        var slow = ProviderHealth(limits: CallLimits(burst: 1, concurrency: 1_000), bounds: bounds)
        _ = slow.take(at: Self.start, horizon: Self.horizon)
        #expect(slow.room(at: Self.start + .seconds(60), horizon: Self.horizon) == 31)
    }
}

/// A small generator of its own, so that a seed gives the same sequence on every platform.
private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
