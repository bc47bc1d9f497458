public import SobreModel
internal import SobreSettings
internal import Text

/// How much of its traffic a provider keeps while others of its route could take it. A pure state machine.
///
/// It is halved whenever too many of the calls or of the receipts of an interval were bad, and grows back in steps. What
/// is left of it is the probe: a part of the traffic that shows whether the provider works again.
public struct TrafficShare: Hashable, Sendable {
    /// Events of the running interval.
    private struct Tally: Hashable {
        var count = 0
        var bad = 0

        mutating func add(isBad: Bool) {
            count += 1
            if isBad { bad += 1 }
        }
    }

    /// In percent, 1…100.
    public private(set) var percent = 100
    /// What reduced it last; nil while it is whole.
    public private(set) var why: String?
    private var calls = Tally()
    private var receipts = Tally()
    private var begunAt: Instant?

    /// Counts a call that ended.
    ///
    /// - Parameters:
    ///   - isFault: whether the provider or the connection to it failed.
    ///   - now: the present time.
    ///   - bounds: when to shift.
    mutating func called(isFault: Bool, at now: Instant, _ bounds: ProviderHealthLimits) {
        calls.add(isBad: isFault)
        judge(at: now, bounds)
    }

    /// Counts a receipt that says how long a delivery took.
    mutating func delivered(after delay: Duration, at now: Instant, _ bounds: ProviderHealthLimits) {
        receipts.add(isBad: delay > bounds.lateAfter)
        judge(at: now, bounds)
    }

    /// Leaves the provider the least part, from which it comes back in steps: it does not work at all.
    mutating func drop(_ why: String, at now: Instant, _ bounds: ProviderHealthLimits) {
        percent = min(percent, bounds.shiftLeast)
        self.why = why
        restart(at: now)
    }

    /// Judges the interval when it is over. With too few events it goes on, for as long as ``patience`` intervals.
    mutating func judge(at now: Instant, _ bounds: ProviderHealthLimits) {
        guard let begunAt else {
            begunAt = now
            return
        }
        guard now >= begunAt else { return restart(at: now) }
        let intervals = (now - begunAt).milliseconds / max(bounds.shiftInterval.milliseconds, 1)
        guard intervals >= 1 else { return }
        if let fault = fault(bounds) {
            percent = max(percent / 2, min(percent, bounds.shiftLeast))
            why = fault
        } else if calls.count >= bounds.shiftCalls || intervals >= Self.patience {
            grow(by: bounds.shiftBack * Int(min(intervals, 100)))
        } else {
            return
        }
        restart(at: now)
    }

    /// The intervals after which a provider with little traffic is judged by the few calls that it had.
    private static let patience = 4

    private mutating func grow(by step: Int) {
        percent = min(100, percent + step)
        if percent == 100 { why = nil }
    }

    private mutating func restart(at now: Instant) {
        begunAt = now
        calls = Tally()
        receipts = Tally()
    }

    private func fault(_ bounds: ProviderHealthLimits) -> String? {
        if isTooMuch(calls, bounds) { return "\(calls.bad) of \(calls.count) calls failed" }
        if isTooMuch(receipts, bounds) {
            return
                "\(receipts.bad) of \(receipts.count) messages took more than \(DurationText.words(bounds.lateAfter)) to arrive"
        }
        return nil
    }

    private func isTooMuch(_ tally: Tally, _ bounds: ProviderHealthLimits) -> Bool {
        tally.count >= bounds.shiftCalls && tally.bad * 100 > tally.count * bounds.shiftAbove
    }
}
