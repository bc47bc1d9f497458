public import SobreModel

/// Keeps away from a provider that fails, and probes it with care. A pure state machine.
///
/// Only faults of the provider or of the way to it count (`Outcome.Kind.blamesProvider`): a bad address never opens it.
public struct CircuitBreaker: Hashable, Sendable {
    /// Whether calls may begin.
    public enum State: Hashable, Sendable {
        case closed
        /// No calls until then.
        case open(until: Instant)
        /// As many probes are out.
        case halfOpen(probes: Int)
    }

    /// When it opens, and for how long.
    public struct Settings: Hashable, Sendable {
        /// Faults in a row that open it.
        public var threshold: Int
        /// How long it stays open at first; doubles with each failed probe.
        public var openFor: Duration
        public var maxOpenFor: Duration
        /// Probes at once while half open.
        public var probes: Int

        public init(
            threshold: Int = 10, openFor: Duration = .seconds(5), maxOpenFor: Duration = .seconds(300), probes: Int = 2
        ) {
            self.threshold = threshold
            self.openFor = openFor
            self.maxOpenFor = maxOpenFor
            self.probes = probes
        }
    }

    public private(set) var state: State = .closed
    private let settings: Settings
    private var faultsInARow = 0
    private var timesOpened = 0

    public init(settings: Settings = Settings()) { self.settings = settings }

    /// When a call may begin at the earliest; nil when probes are out and their answers decide.
    public func nextFree(at now: Instant) -> Instant? {
        switch state {
        case .closed: now
        case .open(let until): max(until, now)
        case .halfOpen(let probes): probes < settings.probes ? now : nil
        }
    }

    /// How many calls may begin now.
    public func room(at now: Instant) -> Int {
        switch state {
        case .closed: .max
        case .open(let until): until <= now ? settings.probes : 0
        case .halfOpen(let probes): max(settings.probes - probes, 0)
        }
    }

    /// Call when a call begins.
    public mutating func begin(at now: Instant) {
        switch state {
        case .closed: break
        case .open: state = .halfOpen(probes: 1)
        case .halfOpen(let probes): state = .halfOpen(probes: probes + 1)
        }
    }

    /// Call when a call that began was never made.
    public mutating func abandon() {
        if case .halfOpen(let probes) = state { state = .halfOpen(probes: max(probes - 1, 0)) }
    }

    /// Call when a call has ended. Returns true when this opened the breaker.
    @discardableResult
    public mutating func end(faulty: Bool, at now: Instant) -> Bool {
        guard faulty else {
            faultsInARow = 0
            if case .halfOpen = state {
                state = .closed
                timesOpened = 0
            }
            return false
        }
        faultsInARow += 1
        switch state {
        case .open: return false
        case .halfOpen: break
        case .closed: if faultsInARow < settings.threshold { return false }
        }
        let wait = min(settings.openFor.milliseconds << Int64(min(timesOpened, 16)), settings.maxOpenFor.milliseconds)
        timesOpened += 1
        faultsInARow = 0
        state = .open(until: now + .milliseconds(wait))
        return true
    }
}
