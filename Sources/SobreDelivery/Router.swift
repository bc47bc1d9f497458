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

    public enum Choice: Sendable {
        /// Hand over to this provider, not before the instant; call `finished` when it has ended.
        case provider(any Provider, startAt: Instant)
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
    }

    private struct MemberState {
        var member: Member
        var limiter: RateLimiter?
        var breaker: CircuitBreaker
        var inFlight = 0
        var pausedUntil: Instant?
        var pauseReason: String?
    }

    private struct State {
        var members: [String: MemberState]
        let routes: [Channel: [String]]
        /// Channels whose configured providers could not be set up, with the reason in words.
        let broken: [Channel: String]
    }

    private let state: Mutex<State>
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

    /// The channels of which messages are worth claiming now: those that can send within the horizon, and those
    /// that no waiting will help, whose messages are held with a reason.
    public func openChannels(at now: Instant) -> Set<Channel> {
        state.withLock { state in
            Set(
                Channel.allCases.filter { channel in
                    let members = (state.routes[channel] ?? []).compactMap { state.members[$0] }
                    let awaitsOperator = members.allSatisfy { $0.pausedUntil.map { $0 > now } ?? false }
                    return awaitsOperator || members.contains { Self.startsSoon($0, at: now) }
                })
        }
    }

    /// Chooses for one message and takes a place with the chosen provider.
    ///
    /// - Parameters:
    ///   - content: what is to be sent; its channel chooses the route.
    ///   - address: the person's address; a push token goes only to the provider that issued it.
    ///   - rotation: attempts made before; a retry begins with the next provider of the route.
    ///   - now: the present time.
    /// - Returns: the provider, or why there is none now.
    public func choose(_ content: RenderedMessage, to address: Address?, rotation: Int, at now: Instant) -> Choice {
        state.withLock { state in
            let channel = content.channel
            let route = (state.routes[channel] ?? []).filter { name in
                state.members[name] != nil
                    && (address?.provider == nil || address?.provider == name
                        || !(state.routes[channel] ?? []).contains(address!.provider!))
            }
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

    /// Gives back the place of a call that was never made.
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

    public func statuses() -> [Status] {
        state.withLock { state in
            state.members.values.map {
                Status(
                    name: $0.member.provider.name, channel: $0.member.provider.channel, breaker: $0.breaker.state,
                    inFlight: $0.inFlight, pausedUntil: $0.pausedUntil, pauseReason: $0.pauseReason)
            }.sorted { $0.name < $1.name }
        }
    }

    private static func isOpen(_ channel: Channel, in state: State, at now: Instant) -> Bool {
        (state.routes[channel] ?? []).contains { name in
            state.members[name].map { startsSoon($0, at: now) } ?? false
        }
    }

    private static func startsSoon(_ member: MemberState, at now: Instant) -> Bool {
        if let until = member.pausedUntil, until > now { return false }
        guard member.inFlight < member.member.maxInFlight, let free = member.breaker.nextFree(at: now), free <= now
        else { return false }
        return (member.limiter?.nextFree(at: now) ?? now) <= now + reservationHorizon
    }

    private static func place(_ member: inout MemberState, at now: Instant) -> Choice {
        let name = member.member.provider.name
        if let until = member.pausedUntil, until > now {
            return .hold(until: until, .providerPaused, detail: "\(name) is paused: \(member.pauseReason ?? "")")
        }
        let startAt = member.limiter?.nextFree(at: now) ?? now
        guard startsSoon(member, at: now) else { return .busy }
        _ = member.limiter?.reserve(at: now)
        member.breaker.begin(at: now)
        member.inFlight += 1
        return .provider(member.member.provider, startAt: startAt)
    }
}
