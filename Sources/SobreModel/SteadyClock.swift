import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The clock of a node: wall time that advances with the monotonic clock and never steps.
///
/// Caps, retries, leases and schedules all use it. A step of the wall clock thus cannot age contacts out of their
/// windows, and cannot stop the pipeline or make it spin.
/// - A difference up to `tolerance` is corrected gradually, by one part in a thousand.
/// - A wall clock that jumped further **ahead** is not followed. An ``alarm`` is set until the wall clock comes back,
///   until the system has reported NTP synchronisation for `confirmation`, or until a restart. An accepted jump is
///   added to ``corrections``, because times recorded before look older by its length than they are.
/// - A wall clock that is further **behind** is followed at half speed. Caps then count too much rather than too
///   little, and time never goes back.
/// - Across a restart any gap ahead is accepted, because a machine may be off for a week. A start before
///   ``neverBefore(_:)`` counts as behind.
public final class SteadyClock: TimeSource {
    /// A reading of the machine's clocks.
    public struct Reading: Hashable, Sendable {
        /// Nanoseconds since 1970.
        public var wall: Int64
        /// Nanoseconds since a fixed moment, including sleep. Never goes back.
        public var monotonic: Int64

        public init(wall: Int64, monotonic: Int64) {
            self.wall = wall
            self.monotonic = monotonic
        }
    }

    private struct State {
        /// Our time in nanoseconds since 1970, at the monotonic clock's `monotonic`.
        var time: Int64
        var monotonic: Int64
        var alarm: ClockAlarm?
        var corrections: [ClockCorrection] = []
        /// While the wall clock is ahead: by how much, and since when on the monotonic clock.
        var jump: (length: Int64, since: Int64)?

        var instant: Instant { Instant(milliseconds: time / 1_000_000) }
    }

    /// Differences up to this are corrected gradually. Greater ones are jumps.
    public static let tolerance: Duration = .seconds(5)
    /// How long a jump must have lasted, with the system synchronised to NTP, to be accepted.
    public static let confirmation: Duration = .seconds(60)
    private static let toleranceNanoseconds: Int64 = 5_000_000_000
    private static let confirmationNanoseconds: Int64 = 60_000_000_000

    private let read: @Sendable () -> Reading
    private let isSynchronised: @Sendable () -> Bool
    private let state: Mutex<State>

    /// - Parameters:
    ///   - read: reads both clocks together.
    ///   - isSynchronised: whether the system reports that its wall clock is synchronised to NTP. Only called after a
    ///     jump.
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
            // Read under the lock, so that two threads cannot apply their readings in the wrong order.
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

    /// Keeps the newest corrections. The two oldest are combined into one that moves times by at least as much.
    private static func note(_ correction: ClockCorrection, in state: inout State) {
        state.corrections.append(correction)
        guard state.corrections.count > 16 else { return }
        let first = state.corrections.removeFirst()
        state.corrections[0].by += first.by
    }
}

extension SteadyClock {
    /// Reads the machine's clocks.
    @Sendable public static func systemReading() -> Reading {
        Reading(wall: nanoseconds(CLOCK_REALTIME), monotonic: nanoseconds(monotonic))
    }

    #if canImport(Glibc)
        // Keeps running while the machine sleeps, as the wall clock does.
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
