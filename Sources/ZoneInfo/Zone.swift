/// A time zone with its full history and its rule for the future. All instants are seconds since
/// 1970-01-01T00:00:00Z.
///
/// Made from a TZif file (RFC 8536). After the last transition in the file, its rule is expanded for 400 years. The
/// Gregorian calendar, including weekdays, repeats after exactly that period, so every later instant is looked up
/// there.
public final class Zone: Sendable {
    /// The IANA name, for example `Europe/Paris`.
    public let name: String

    /// The instants at which the offset changes, ascending.
    let transitions: [Int64]
    /// `offsets[i]` applies before `transitions[i]`, and `offsets[i + 1]` from then on, in seconds east of Greenwich.
    let offsets: [Int32]
    /// The first second of the last 400 years expanded from a rule; nil if the last offset applies forever.
    let repeatsFrom: Int64?

    /// 400 Gregorian years.
    static let cycle: Int64 = 146_097 * 86_400

    /// `transitions` must ascend, and there is one more offset than transitions.
    init(name: String, transitions: [Int64], offsets: [Int32], repeatsFrom: Int64?) {
        precondition(offsets.count == transitions.count + 1)
        self.name = name
        self.transitions = transitions
        self.offsets = offsets
        self.repeatsFrom = repeatsFrom
    }

    /// Coordinated universal time.
    public static let utc = Zone(name: "UTC", transitions: [], offsets: [0], repeatsFrom: nil)

    /// Seconds east of Greenwich at an instant.
    public func offset(at seconds: Int64) -> Int { Int(offsets[transitionCount(upTo: fold(seconds).folded)]) }

    /// The wall-clock time at an instant.
    public func local(at seconds: Int64) -> CivilTime {
        CivilTime(secondsSinceEpoch: seconds + Int64(offset(at: seconds)))
    }

    /// The first later instant at which the offset changes; nil if it never changes again.
    public func nextTransition(after seconds: Int64) -> Int64? {
        let (folded, shift) = fold(seconds)
        let index = transitionCount(upTo: folded)
        if index < transitions.count { return transitions[index] + shift }
        guard let repeatsFrom else { return nil }
        // The next transition is the first one of the next cycle.
        let first = transitionCount(upTo: repeatsFrom - 1)
        return first < transitions.count ? transitions[first] + shift + Self.cycle : nil
    }

    /// The instants at which clocks show this time.
    public func instants(of local: CivilTime) -> LocalInstants {
        let wall = local.secondsSinceEpoch
        // Every offset is smaller than 26 hours, so all answers lie within this range.
        let reach: Int64 = 26 * 3_600
        var found: [Int64] = []
        var from = wall - reach
        var before = offset(at: from)
        func consider(_ offset: Int, _ start: Int64, _ end: Int64) {
            let instant = wall - Int64(offset)
            if instant >= start, instant < end { found.append(instant) }
        }
        var gapEnd: Int64?
        while let next = nextTransition(after: from), next <= wall + reach {
            consider(before, from, next)
            let after = offset(at: next)
            if gapEnd == nil, next + Int64(before) <= wall, next + Int64(after) > wall { gapEnd = next }
            before = after
            from = next
        }
        consider(before, from, wall + reach + 1)
        switch found.count {
        case 0: return .gap(endsAt: gapEnd ?? wall - Int64(before))
        case 1: return .unique(found[0])
        default: return .overlap(first: found[0], last: found[found.count - 1])
        }
    }

    /// The first instant of a local date: midnight, or the first instant after it if midnight does not exist.
    ///
    /// A skipped date (Apia had no 30 December 2011) begins when the next one does.
    public func start(of date: CivilDate) -> Int64 {
        switch instants(of: CivilTime(date, secondOfDay: 0)) {
        case .unique(let instant), .gap(endsAt: let instant), .overlap(first: let instant, last: _): instant
        }
    }

    /// The date to which an instant belongs. A day lasts from the first instant of its date to the first instant of
    /// the next. So days never overlap, even when clocks are put back across midnight.
    public func day(containing seconds: Int64) -> CivilDate {
        let date = local(at: seconds).date
        return start(of: date + 1) <= seconds ? date + 1 : date
    }

    /// Whether two zones have the same offsets from an instant onwards.
    public func agrees(with other: Zone, since seconds: Int64) -> Bool {
        let own = transitionCount(upTo: seconds)
        let others = other.transitionCount(upTo: seconds)
        return offsets[own...] == other.offsets[others...] && transitions[own...] == other.transitions[others...]
    }

    /// The number of transitions at or before an instant.
    private func transitionCount(upTo seconds: Int64) -> Int {
        var low = 0
        var high = transitions.count
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle] <= seconds { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Maps an instant into the expanded years, and returns by how much it was moved.
    private func fold(_ seconds: Int64) -> (folded: Int64, shift: Int64) {
        guard let repeatsFrom, seconds >= repeatsFrom + Self.cycle else { return (seconds, 0) }
        let shift = (seconds - repeatsFrom).floorQuotient(Self.cycle) * Self.cycle
        return (seconds - shift, shift)
    }
}

/// The instants that a wall-clock time can mean.
public enum LocalInstants: Hashable, Sendable {
    case unique(Int64)
    /// Clocks skipped this time. Holds the first instant after the jump.
    case gap(endsAt: Int64)
    /// Clocks showed this time twice.
    case overlap(first: Int64, last: Int64)
}
