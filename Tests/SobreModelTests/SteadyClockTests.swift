import SobreModel
import Synchronization
import Testing

/// Both clocks of a computer, moved manually.
private final class Clocks: Sendable {
    private struct State {
        var wall: Int64
        var monotonic: Int64 = 1_000
        var isSynchronised = false
    }

    private let state: Mutex<State>

    init(_ start: Instant) { state = Mutex(State(wall: start.milliseconds * 1_000_000)) }

    var clock: SteadyClock {
        SteadyClock(
            read: { self.state.withLock { .init(wall: $0.wall, monotonic: $0.monotonic) } },
            isSynchronised: { self.state.withLock { $0.isSynchronised } })
    }

    /// Advances both clocks.
    func pass(_ duration: Duration) {
        state.withLock { state in
            state.wall += duration.milliseconds * 1_000_000
            state.monotonic += duration.milliseconds * 1_000_000
        }
    }

    /// Sets the wall clock forward or back.
    func step(_ duration: Duration) { state.withLock { $0.wall += duration.milliseconds * 1_000_000 } }

    func synchronise() { state.withLock { $0.isSynchronised = true } }
}

@Suite("The steady clock") struct SteadyClockTests {
    private let start = Instant(rfc3339: "2026-03-02T12:00:00Z")!

    @Test func `it goes with the wall clock and has nothing to say`() {
        let clocks = Clocks(start)
        let clock = clocks.clock
        clocks.pass(.seconds(90))
        #expect(clock.now() == start + .seconds(90))
        #expect(clock.alarm == nil)
    }

    @Test(arguments: [-4.0, 4.0]) func `a small step is made up little by little, never backwards`(seconds: Double) {
        let clocks = Clocks(start)
        let clock = clocks.clock
        clocks.step(.milliseconds(Int64(seconds * 1000)))
        #expect(clock.now() == start)
        #expect(clock.alarm == nil)
        var last = clock.now()
        for _ in 0..<100 {
            clocks.pass(.seconds(10))
            let passed = clock.now() - last
            #expect(passed >= .milliseconds(9_989) && passed <= .milliseconds(10_011))
            last = clock.now()
        }
        #expect(abs((last - start).milliseconds - 1_000_000) >= 990, "a second of it after a thousand")
        for _ in 0..<400 {
            clocks.pass(.seconds(10))
            _ = clock.now()
        }
        #expect(abs((clock.now() - (start + .seconds(5_000 + Int64(seconds)))).milliseconds) <= 1)
    }

    @Test func `a jump ahead is not followed, and says so until the clock comes back`() {
        let clocks = Clocks(start)
        let clock = clocks.clock
        clocks.step(.seconds(3 * 86_400))
        #expect(clock.alarm == .ahead(by: .seconds(3 * 86_400)))
        clocks.pass(.seconds(7_200))
        #expect(clock.now() == start + .seconds(7_200))
        #expect(clock.alarm == .ahead(by: .seconds(3 * 86_400)), "nobody has confirmed it")
        clocks.step(.seconds(-3 * 86_400))
        #expect(clock.alarm == nil)
        #expect(clock.now() == start + .seconds(7_200))
    }

    @Test func `a jump ahead is believed once it has stood for a minute under NTP`() {
        let clocks = Clocks(start)
        let clock = clocks.clock
        clocks.synchronise()
        clocks.step(.seconds(3_600))
        #expect(clock.alarm != nil)
        clocks.pass(.seconds(30))
        #expect(clock.now() == start + .seconds(30))
        // The clock is set again, so the minute starts over.
        clocks.step(.seconds(600))
        #expect(clock.alarm == .ahead(by: .seconds(4_200)))
        clocks.pass(.seconds(45))
        #expect(clock.now() == start + .seconds(75))
        clocks.pass(.seconds(15))
        #expect(clock.now() == start + .seconds(90 + 4_200))
        #expect(clock.alarm == nil)
    }

    @Test func `what was recorded before a believed jump is no older than it is`() {
        let clocks = Clocks(start)
        let clock = clocks.clock
        clocks.synchronise()
        // Ten hours back, two hours at half speed, then correct again: the lost hour is made up.
        clocks.step(.seconds(-3_600 * 10))
        _ = clock.now()
        clocks.pass(.seconds(3_600))
        let recordedAt = clock.now()
        #expect(recordedAt == start + .seconds(1_800))
        clocks.pass(.seconds(3_600))
        _ = clock.now()
        clocks.step(.seconds(3_600 * 10))
        _ = clock.now()
        clocks.pass(.seconds(60))
        #expect(clock.now() - recordedAt > .seconds(3_660), "it looks older than it is")
        #expect(clock.corrections.count == 1)
        let contact = LedgerEntry(
            id: 1, delivery: DeliveryID(rawValue: 16), state: .committed, reservedAt: recordedAt,
            committedAt: recordedAt,
            traits: ContactTraits(
                message: MessageDraft(recipient: "ann", template: "t", channels: [.email]), channel: .email),
            recipient: .recipient("ann"), address: .recipient("ann"))
        let facts = AdmissionFacts(profile: nil, ledger: [contact]).corrected(by: clock.corrections)
        let age = clock.now() - facts.ledger[0].committedAt!
        #expect(age <= .seconds(3_660) && age > .zero)
        #expect(facts.ledger[0].reservedAt == facts.ledger[0].committedAt)
    }

    @Test func `a jump back never turns time back, and time runs at half speed until both agree`() {
        let clocks = Clocks(start)
        let clock = clocks.clock
        clocks.step(.seconds(-3_600))
        #expect(clock.now() == start)
        #expect(clock.alarm == .behind(by: .seconds(3_600)))
        var last = start
        for _ in 0..<720 {
            clocks.pass(.seconds(10))
            let now = clock.now()
            #expect(now > last)
            last = now
        }
        // 7,200 s have passed, of which the clock has counted 3,600 s. The wall clock has caught up within the
        // tolerance.
        #expect(abs((clock.now() - (start + .seconds(3_600))).milliseconds) <= 5_000)
        #expect(clock.alarm == nil)
    }

    @Test func `it begins no earlier than what is recorded, and a long pause between two runs is no jump`() {
        let clocks = Clocks(start)
        let early = clocks.clock
        early.neverBefore(start + .seconds(600))
        #expect(early.now() == start + .seconds(600))
        #expect(early.alarm == .behind(by: .seconds(600)))

        let late = clocks.clock
        late.neverBefore(start - .seconds(7 * 86_400))
        #expect(late.now() == start)
        #expect(late.alarm == nil)
    }

    @Test func `the computer's own clocks are read`() {
        let clock = SteadyClock()
        let difference = clock.now() - SystemTime().now()
        #expect(abs(difference.milliseconds) < 1_000)
        #expect(clock.alarm == nil)
    }
}
