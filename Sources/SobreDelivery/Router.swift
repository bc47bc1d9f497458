public import SobreModel
import Synchronization

/// Chooses a provider for a message: ordered failover over breakers, rate limits, concurrency and pauses.
public final class Router: Sendable {
    /// One provider with its bounds.
    public struct Member: Sendable {
        public var provider: any Provider
        /// Calls a second; nil: no limit.
        public var rate: Double?
        public var burst: Int
        /// Calls at once.
        public var maxInFlight: Int
        public var breaker: CircuitBreaker.Settings

        public init(
            provider: any Provider, rate: Double? = nil, burst: Int = 1, maxInFlight: Int = 512,
            breaker: CircuitBreaker.Settings = .init()
        ) {
            self.provider = provider
            self.rate = rate
            self.burst = burst
            self.maxInFlight = maxInFlight
            self.breaker = breaker
        }
    }

    /// Who gets a message, or why nobody does now.
    public enum Choice: Sendable {
        /// This provider has room: call `handOver` once it is decided that the message goes, else `withdraw`.
        case provider(any Provider)
        /// All usable providers are at a limit of ours, or their breakers are open: leave it in the queue.
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
        public var breaker: CircuitBreaker.State
        public var inFlight: Int
        public var pausedUntil: Instant?
        public var pauseReason: String?
        /// At its rate limit: nothing more begins within a second.
        public var isLimited = false
    }

    struct MemberState {
        var member: Member
        var limiter: RateLimiter?
        var breaker: CircuitBreaker
        /// Chosen and not yet ended.
        var inFlight = 0
        /// Of these, not handed over yet: they have no place under the rate limit.
        var chosen = 0
        var pausedUntil: Instant?
        var pauseReason: String?
    }

    struct State {
        var members: [String: MemberState]
        let routes: [Channel: [String]]
        /// Channels whose configured providers could not be set up, with the reason in words.
        let broken: [Channel: String]
    }

    let state: Mutex<State>
    /// How far ahead a place under a rate limit is reserved; beyond it messages stay in the queue.
    public static let reservationHorizon: Duration = .seconds(1)
    /// How long a provider is left alone after an error that only an operator can mend.
    public static let pauseLength: Duration = .seconds(60)

    /// - Parameters:
    ///   - members: every provider; names are unique.
    ///   - routes: for each channel the names in order of preference.
    ///   - broken: channels that have no usable provider for want of a setting, with the reason.
    public init(members: [Member], routes: [Channel: [String]], broken: [Channel: String] = [:]) {
        var states: [String: MemberState] = [:]
        for member in members {
            states[member.provider.name] = MemberState(
                member: member, limiter: member.rate.map { RateLimiter(rate: $0, burst: member.burst) },
                breaker: CircuitBreaker(settings: member.breaker))
        }
        state = Mutex(State(members: states, routes: routes, broken: broken))
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
            var route = (state.routes[channel] ?? []).filter { name in
                state.members[name] != nil
                    && (address?.provider == nil || address?.provider == name
                        || !(state.routes[channel] ?? []).contains(address!.provider!))
            }
            if let only, !route.contains(only) || state.members[only] == nil {
                return .refused(
                    Outcome(.permanentUnknown, detail: "\(only), which may have it, carries \(channel) no more"))
            }
            if let only { route = [only] }
            guard !route.isEmpty else {
                let why = state.broken[channel] ?? "no provider is configured for \(channel)"
                return .hold(until: now + Self.pauseLength, .noProvider, detail: why)
            }
            var refusal: Outcome?
            var hold: Choice?
            var isBusy = false
            var reopensAt: Instant?
            var isLimited = false
            for offset in route.indices {
                let name = route[(offset + rotation) % route.count]
                if let outcome = state.members[name]!.member.provider.refusal(of: content) {
                    refusal = refusal ?? outcome
                    continue
                }
                let choice = Self.place(&state.members[name]!, at: now)
                switch choice {
                case .provider: return choice
                case .busy:
                    isBusy = true
                    let free = state.members[name]!.breaker.nextFree(at: now) ?? now + .seconds(1)
                    if free > now { reopensAt = min(reopensAt ?? .distantFuture, free) } else { isLimited = true }
                case .hold, .refused: hold = hold ?? choice
                }
            }
            // Others of the channel can send, so its messages are claimed on. This one, whose own provider fails, must
            // not be claimed before them again and again.
            if let reopensAt, !isLimited, Self.isOpen(channel, in: state, at: now) {
                return .hold(
                    until: max(reopensAt, now + .seconds(1)), .providerLimited, detail: "its provider fails at present")
            }
            if isBusy { return .busy }
            return hold ?? .refused(refusal!)
        }
    }

    /// The message goes: takes the next place under the provider's rate limit, and says when the call may begin.
    public func handOver(to name: String, at now: Instant) -> Instant {
        state.withLock { state in
            state.members[name]?.chosen -= 1
            return state.members[name]?.limiter?.reserve(at: now) ?? now
        }
    }

    /// The message does not go: what `choose` took is free again.
    public func withdraw(_ name: String) {
        state.withLock { state in
            state.members[name]?.chosen -= 1
            state.members[name]?.inFlight -= 1
            state.members[name]?.breaker.abandon()
        }
    }

    /// It was handed over, and the call was never made.
    public func abandoned(_ name: String) {
        state.withLock { state in
            state.members[name]?.inFlight -= 1
            state.members[name]?.breaker.abandon()
        }
    }

    /// Ends a call. Returns true when the provider's breaker opened by it.
    @discardableResult
    public func finished(_ name: String, outcome: Outcome, at now: Instant) -> Bool {
        state.withLock { state in
            guard var member = state.members[name] else { return false }
            member.inFlight -= 1
            let opened = member.breaker.end(faulty: outcome.kind.blamesProvider, at: now)
            if outcome.kind == .auth || outcome.kind == .configuration {
                member.pausedUntil = now + Self.pauseLength
                member.pauseReason = outcome.detail
            } else if outcome.kind.proof == .sent {
                member.pausedUntil = nil
                member.pauseReason = nil
            }
            state.members[name] = member
            return opened
        }
    }
}
