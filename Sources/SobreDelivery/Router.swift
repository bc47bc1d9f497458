public import SobreModel
public import SobreSettings
import Synchronization

/// Chooses a provider for a message: ordered failover, by each provider's health.
public final class Router: Sendable {
    /// One provider with its bounds.
    public struct Member: Sendable {
        public var provider: any Provider
        public var limits: CallLimits
        public var health: HealthLimits

        public init(provider: any Provider, limits: CallLimits, health: HealthLimits) {
            self.provider = provider
            self.limits = limits
            self.health = health
        }
    }

    /// Who gets a message, or why nobody does now.
    public enum Choice: Sendable {
        /// This provider has room: call `handOver` once it is decided that the message goes, else `withdraw`.
        case provider(any Provider)
        /// All usable providers are at a limit of ours, are limited, or fail: leave it in the queue.
        case busy
        /// Nothing will go before an operator acts; the reason and when to ask again.
        case hold(until: Instant, HoldReason, detail: String)
        /// No provider of the route can take this content.
        case refused(Outcome)
    }

    /// What operators see of a provider.
    public struct Status: Sendable {
        public var name: String
        public var channel: Channel
        public var condition: ProviderHealth.Condition
        public var inFlight: Int
    }

    struct Entry {
        let provider: any Provider
        var health: ProviderHealth
    }

    struct State {
        var members: [String: Entry]
        let routes: [Channel: [String]]
        /// Channels whose configured providers could not be set up, with the reason in words.
        let broken: [Channel: String]
    }

    let state: Mutex<State>
    /// How far ahead a place under a rate is reserved; beyond it messages stay in the queue.
    let horizon: Duration
    /// How soon a message is looked at again whose channel has no provider.
    private let recheck: Duration

    /// - Parameters:
    ///   - members: every provider; names are unique.
    ///   - routes: for each channel the names in order of preference.
    ///   - broken: channels that have no usable provider for want of a setting, with the reason.
    ///   - horizon: how far ahead a place under a rate is reserved.
    ///   - recheck: how soon a message is looked at again whose channel has no provider.
    public init(
        members: [Member], routes: [Channel: [String]], broken: [Channel: String] = [:], horizon: Duration,
        recheck: Duration
    ) {
        var entries: [String: Entry] = [:]
        for member in members {
            entries[member.provider.name] = Entry(
                provider: member.provider, health: ProviderHealth(limits: member.limits, bounds: member.health))
        }
        state = Mutex(State(members: entries, routes: routes, broken: broken))
        self.horizon = horizon
        self.recheck = recheck
    }

    /// Chooses for one message and takes a place with the chosen provider.
    ///
    /// - Parameters:
    ///   - content: what is to be sent; its channel chooses the route.
    ///   - address: the person's address; a push token goes only to the provider that issued it.
    ///   - rotation: attempts made before; a retry begins with the next provider of the route.
    ///   - only: the one provider that may have it; nil: any.
    ///   - now: the present time.
    /// - Returns: the provider, or why there is none now.
    public func choose(
        _ content: RenderedMessage, to address: Address?, rotation: Int, only: String? = nil, at now: Instant
    ) -> Choice {
        state.withLock { state in
            let channel = content.channel
            let route = state.route(of: channel, to: address, only: only)
            if let only, route.isEmpty {
                return .refused(
                    Outcome(.permanentUnknown, detail: "\(only), which may have it, no longer carries \(channel)"))
            }
            guard !route.isEmpty else {
                let why = state.broken[channel] ?? "no provider is configured for \(channel)"
                return .hold(until: now + recheck, .noProvider, detail: why)
            }
            var refusal: Outcome?
            var hold: Choice?
            var isBusy = false
            var wait: (until: Instant, name: String)?
            for offset in route.indices {
                let name = route[(offset + rotation) % route.count]
                if let outcome = state.members[name]!.provider.refusal(of: content) {
                    refusal = refusal ?? outcome
                    continue
                }
                if state.members[name]!.health.take(at: now, horizon: horizon) {
                    return .provider(state.members[name]!.provider)
                }
                let health = state.members[name]!.health
                if let pause = health.pause(at: now) {
                    hold =
                        hold
                        ?? .hold(until: pause.until, .providerPaused, detail: "\(name) is paused: \(pause.why)")
                } else if let reopensAt = health.reopens(at: now) {
                    if reopensAt < wait?.until ?? .distantFuture { wait = (reopensAt, name) }
                } else {
                    isBusy = true
                }
            }
            guard let wait, !isBusy else { return isBusy ? .busy : hold ?? .refused(refusal!) }
            // Others of the channel can send, so its messages are claimed on. This one, whose own provider cannot, must
            // not be claimed before them again and again.
            guard isOpen(channel, in: state, at: now) else { return .busy }
            return .hold(
                until: max(wait.until, now + .seconds(1)), .providerLimited, detail: "\(wait.name) takes nothing now")
        }
    }

    /// The message goes: takes the next place under the provider's rate.
    ///
    /// - Returns: when the call may begin; nil when the provider became limited or broken since it was chosen: the call
    ///   must not be made, and `abandoned` is due.
    public func handOver(to name: String, at now: Instant) -> Instant? {
        state.withLock { $0.members[name]?.health.handOver(at: now) }
    }

    /// Whether a call that waited for its place may still begin.
    public func mayCall(_ name: String, at now: Instant) -> Bool {
        state.withLock { $0.members[name]?.health.mayCall(at: now) ?? false }
    }

    /// The message does not go: what `choose` took is free again.
    public func withdraw(_ name: String) {
        state.withLock { $0.members[name]?.health.withdraw() }
    }

    /// It was handed over, and the call was never made.
    public func abandoned(_ name: String) {
        state.withLock { $0.members[name]?.health.abandon() }
    }

    /// Ends a call. Returns what that says of the provider.
    @discardableResult
    public func finished(_ name: String, outcome: Outcome, at now: Instant) -> ProviderHealth.Change {
        state.withLock { state in
            state.members[name]?.health.end(outcome, at: now) ?? .init(isWorse: false, wasKnown: false)
        }
    }
}
