import SobreDelivery
import SobreModel
import SobreSettings
import Testing

/// When calls begin that were admitted ahead.
@Suite("The beginning of calls")
struct BeginningTests {
    static let start = Instant(milliseconds: 1_000_000)
    static let horizon = Duration.seconds(1)

    private func health(
        rate: Double? = nil, burst: Int = 1, concurrency: Int, ahead: AheadBounds = .init(reach: .seconds(1), most: 64)
    ) -> ProviderHealth {
        ProviderHealth(
            limits: CallLimits(rate: rate, burst: burst, concurrency: concurrency, ahead: ahead),
            bounds: ProviderHealthLimits())
    }

    /// Chooses and hands over a call; true when that was possible.
    private func add(to health: inout ProviderHealth, at now: Instant) -> Bool {
        guard health.take(at: now, horizon: Self.horizon, isAhead: true) else { return false }
        return health.handOver(at: now) != nil
    }

    /// Chooses and hands over a call, which must be possible.
    private func mustAdd(to health: inout ProviderHealth, at now: Instant) {
        if !add(to: &health, at: now) { Issue.record("there is no place") }
    }

    /// Ends a call that has begun.
    private func end(_ health: inout ProviderHealth, _ kind: Outcome.Kind = .accepted, at now: Instant) {
        health.end(Outcome(kind), at: now)
        health.free()
    }

    @Test func `no more calls begin than the concurrency allows, however many are admitted ahead`() {
        var health = health(concurrency: 2)
        var now = Self.start
        var ended = 0
        var most = 0
        while ended < 40 {
            while add(to: &health, at: now) {}
            while health.begin(at: now) == .now {}
            #expect(health.begun == 2)
            #expect(health.begin(at: now) == .full)
            most = max(most, health.inFlight)
            now = now + .milliseconds(5)
            end(&health, at: now)
            ended += 1
        }
        #expect(most == 2 + 40, "as many are admitted ahead as began within the reach")
    }

    @Test func `what is admitted ahead of a free call is not chosen where only a free call will do`() {
        var health = health(concurrency: 1)
        mustAdd(to: &health, at: Self.start)
        #expect(health.begin(at: Self.start) == .now)
        let isFree = health.take(at: Self.start, horizon: Self.horizon)
        #expect(!isFree)
        let isAhead = health.take(at: Self.start, horizon: Self.horizon, isAhead: true)
        #expect(isAhead)
    }

    @Test func `a provider that is limited, broken or stands still gets nothing ahead`() {
        var health = health(concurrency: 4)
        for _ in 0..<4 { mustAdd(to: &health, at: Self.start) }
        for _ in 0..<4 { #expect(health.begin(at: Self.start) == .now) }
        #expect(health.room(at: Self.start, horizon: Self.horizon) == 4)
        // It stands still: nothing ahead, and what it may take anew is bounded.
        #expect(health.room(at: Self.start + .seconds(1), horizon: Self.horizon) == 0)
        // It asks for fewer: what waits is given back.
        mustAdd(to: &health, at: Self.start)
        end(&health, .throttled, at: Self.start)
        #expect(health.begin(at: Self.start) == .never)
        health.abandon()
        for _ in 0..<3 { end(&health, at: Self.start) }
        // After the limit it begins with the probes, and with nothing ahead of them.
        let later = Self.start + .seconds(1)
        #expect(health.room(at: later, horizon: Self.horizon) == 2)
        for _ in 0..<2 { mustAdd(to: &health, at: later) }
        for _ in 0..<2 { #expect(health.begin(at: later) == .now) }
        #expect(health.room(at: later, horizon: Self.horizon) == 0)
    }

    @Test func `a rate is kept by the beginnings, and none is saved up while the provider stands still`() {
        var health = health(rate: 10, concurrency: 1)
        var starts: [Instant] = []
        var now = Self.start
        mustAdd(to: &health, at: now)
        #expect(health.begin(at: now) == .now)
        starts.append(now)
        while add(to: &health, at: now) {}
        // The only call takes a second. Then it is fast.
        now = now + .seconds(1)
        end(&health, at: now)
        while starts.count < 12 {
            if health.inFlight == health.begun { mustAdd(to: &health, at: now) }
            switch health.begin(at: now) {
            case .now:
                starts.append(now)
                end(&health, at: now)
            case .later(let place): now = place
            case .full, .never:
                Issue.record("it is neither full nor closed")
                return
            }
        }
        #expect(zip(starts, starts.dropFirst()).allSatisfy { $1 - $0 >= .milliseconds(100) })
        #expect(starts[11] - starts[1] == .seconds(1), "the pace is kept")
    }

    @Test func `a timer that is a little late costs no pace, and one that is very late no burst`() {
        func starts(lateBy late: Duration) -> [Instant] {
            var health = health(rate: 100, concurrency: 64, ahead: .none)
            var starts: [Instant] = []
            var now = Self.start
            while starts.count < 50 {
                while add(to: &health, at: now) {}
                switch health.begin(at: now) {
                case .now: starts.append(now)
                case .later(let place): now = place + late
                case .full, .never: end(&health, at: now)
                }
                if health.begun > 8 { end(&health, at: now) }
            }
            return starts
        }
        let little = starts(lateBy: .milliseconds(4))
        #expect(little[49] - little[0] <= .milliseconds(495), "\(little[49] - little[0])")
        let much = starts(lateBy: .milliseconds(300))
        #expect(zip(much, much.dropFirst(4)).allSatisfy { $1 - $0 >= .milliseconds(300) }, "three at most at once")
    }
}
