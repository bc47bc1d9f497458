import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The one clock of a node: wall time that goes on by the monotonic clock and never steps.
///
/// Caps, retries, leases and schedules all live by it, so a step of the wall clock can neither age contacts out of their
/// windows nor freeze or spin the line:
/// - A difference up to `tolerance` is made up little by little, by one part in a thousand.
/// - A wall clock that jumped further **ahead** is not followed. An ``alarm`` stands until the wall clock comes back, until
///   the system says that it is in step with NTP and has been for `confirmation`, or until a restart. A jump that is
///   believed is noted in ``corrections``, because what was recorded before looks older by it than it is.
/// - A wall clock that is further **behind** is followed at half speed: time passes more slowly than it does, so that caps
///   count too much rather than too little, and it never goes back.
/// - Over a restart any gap ahead is legal (a machine may be off for a week); a start before ``neverBefore(_:)`` counts
///   as behind.
public final class SteadyClock: TimeSource {
    /// What the computer's clocks say.
    public struct Reading: Hashable, Sendable {
        /// Nanoseconds since 1970.
        public var wall: Int64
        /// Nanoseconds since some fixed moment, time asleep included; never goes back.
        public var monotonic: Int64

        public init(wall: Int64, monotonic: Int64) {
            self.wall = wall
            self.monotonic = monotonic
        }
    }

    private struct State {
        /// Our time, in nanoseconds since 1970, at the monotonic clock's `monotonic`.
        var time: Int64
        var monotonic: Int64
        var alarm: ClockAlarm?
        var corrections: [ClockCorrection] = []
        /// While ahead: how far, and since when by the monotonic clock it has been as far.
        var jump: (length: Int64, since: Int64)?

        var instant: Instant { Instant(milliseconds: time / 1_000_000) }
    }

    /// Differences up to this are made up; greater ones are jumps.
    public static let tolerance: Duration = .seconds(5)
    /// For how long a jump must have stood, with the system in step with NTP, to be believed.
    public static let confirmation: Duration = .seconds(60)
    private static let toleranceNanoseconds: Int64 = 5_000_000_000
    private static let confirmationNanoseconds: Int64 = 60_000_000_000

    private let read: @Sendable () -> Reading
    private let isSynchronised: @Sendable () -> Bool
    private let state: Mutex<State>

    /// - Parameters:
    ///   - read: both clocks, read together.
    ///   - isSynchronised: whether the system says that its wall clock is in step with NTP; asked only after a jump.
    public init(
        read: @escaping @Sendable () -> Reading = SteadyClock.systemReading,
        isSynchronised: @escaping @Sendable () -> Bool = { false }
    ) {
        self.read = read
        self.isSynchronised = isSynchronised
        let reading = read()
        state = Mutex(State(time: reading.wall, monotonic: reading.monotonic))
    }

    public func now() -> Instant { update(\.instant) }

    public var alarm: ClockAlarm? { update { $0.alarm } }

    public var corrections: [ClockCorrection] { state.withLock { $0.corrections } }

    public func neverBefore(_ mark: Instant) {
        state.withLock { state in
            let (nanoseconds, overflow) = mark.milliseconds.multipliedReportingOverflow(by: 1_000_000)
            if !overflow, state.time < nanoseconds { state.time = nanoseconds }
        }
    }

    private func update<Value>(_ body: (State) -> Value) -> Value {
        state.withLock { state in
            // Read under the lock: two threads must not bring their readings in the wrong order.
            advance(&state, to: read())
            return body(state)
        }
    }

    private func advance(_ state: inout State, to reading: Reading) {
        let elapsed = max(0, reading.monotonic - state.monotonic)
        state.monotonic += elapsed
        state.time += elapsed
        let difference = reading.wall - state.time
        if difference > Self.toleranceNanoseconds {
            ahead(difference, &state)
        } else {
            state.jump = nil
            if difference < -Self.toleranceNanoseconds {
                state.time -= elapsed / 2
                state.alarm = .behind(by: .nanoseconds(-difference))
            } else {
                let most = elapsed / 1000
                state.time += min(max(difference, -most), most)
                state.alarm = nil
            }
        }
    }

    private func ahead(_ difference: Int64, _ state: inout State) {
        if let jump = state.jump, abs(jump.length - difference) <= Self.toleranceNanoseconds {
            let hasStood = state.monotonic - jump.since >= Self.confirmationNanoseconds
            if hasStood, isSynchronised() {
                Self.note(ClockCorrection(at: state.instant, by: .nanoseconds(difference)), in: &state)
                state.time += difference
                state.jump = nil
                state.alarm = nil
                return
            }
        } else {
            state.jump = (difference, state.monotonic)
        }
        state.alarm = .ahead(by: .nanoseconds(difference))
    }

    /// Keeps the newest; the two oldest become one that moves no less than they did.
    private static func note(_ correction: ClockCorrection, in state: inout State) {
        state.corrections.append(correction)
        guard state.corrections.count > 16 else { return }
        let first = state.corrections.removeFirst()
        state.corrections[0].by += first.by
    }
}

extension SteadyClock {
    /// The computer's clocks.
    @Sendable public static func systemReading() -> Reading {
        Reading(wall: nanoseconds(CLOCK_REALTIME), monotonic: nanoseconds(monotonic))
    }

    #if canImport(Glibc)
        // Goes on while the machine sleeps, as the wall clock does.
        private static let monotonic = CLOCK_BOOTTIME
    #else
        private static let monotonic = CLOCK_MONOTONIC
    #endif

    private static func nanoseconds(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
