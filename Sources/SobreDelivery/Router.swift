public import SobreModel
public import SobreSettings
import Synchronization

/// Chooses a provider for a message: failover in the order of the route, by each provider's health.
public final class Router: Sendable {
    /// One provider with its limits.
    public struct Member: Sendable {
        public var provider: any Provider
        public var limits: CallLimits
        public var health: ProviderHealthLimits

        public init(provider: any Provider, limits: CallLimits, health: ProviderHealthLimits) {
            self.provider = provider
            self.limits = limits
            self.health = health
        }
    }

    /// The provider for a message, or why there is none now.
    public enum Choice: Sendable {
        /// This provider has room. Call `handOver` once the message is admitted, else `withdraw`.
        case provider(any Provider)
        /// All usable providers are limited, failing or at a limit of ours. Leave the message in the queue.
        case busy
        /// This provider could take it, but an operator keeps the message from it, and no other one can take it now.
        case paused(String)
        /// Nothing can be sent until `until`, or until an operator acts.
        case hold(until: Instant, HoldReason, detail: String)
        /// No provider of the route can take this content.
        case refused(Outcome)
    }

    /// A provider's status as shown to operators.
    public struct Status: Sendable {
        public var name: String
        public var channel: Channel
        public var condition: ProviderHealth.Condition
        public var inFlight: Int
        /// How much of its traffic it keeps while others of its route could take it, in percent.
        public var share: Int
        /// Why it keeps less than all of it; nil while it keeps all.
        public var shareReason: String?
    }

    struct Entry {
        var provider: any Provider
        var health: ProviderHealth
        /// When the settings of the provider changed last. Outcomes of calls that were chosen before are not judged.
        var changedAt = Instant.distantPast
        /// Whether it is not configured any more. It gets no more calls and is forgotten when those it has have ended.
        var isLeaving = false

        var isForgotten: Bool { isLeaving && health.inFlight <= 0 && health.begun <= 0 }
    }

    struct State {
        var members: [String: Entry]
        var routes: [Channel: ProviderRoute]
        /// Channels whose configured providers could not be set up, with the reason.
        var broken: [Channel: String]
        /// The names of each channel's providers that can be used.
        var usable: [Channel: [String]] = [:]
        var polling: [String: any PollingProvider] = [:]

        /// Updates what follows from the members and the routes.
        mutating func index() {
            usable = routes.mapValues { route in route.names.filter { members[$0].map { !$0.isLeaving } ?? false } }
            polling = members.filter { !$1.isLeaving }.compactMapValues(\.provider.polling)
        }

        /// Forgets a provider that left when its last call has ended.
        mutating func forget(_ name: String) {
            if members[name]?.isForgotten ?? false { members[name] = nil }
        }
    }

    let state: Mutex<State>
    /// How far ahead a place under a rate limit is reserved. Messages beyond it stay in the queue.
    let horizon: Duration
    /// How soon a message is tried again when its channel has no provider.
    private let recheck: Duration

    /// - Parameters:
    ///   - members: all providers; their names are unique.
    ///   - routes: the providers of each channel.
    ///   - broken: channels without a usable provider because of a fault in the setup, with the reason.
    ///   - horizon: how far ahead a place under a rate limit is reserved.
    ///   - recheck: how soon a message is tried again when its channel has no provider.
    public init(
        members: [Member], routes: [Channel: ProviderRoute], broken: [Channel: String] = [:], horizon: Duration,
        recheck: Duration
    ) {
        var entries: [String: Entry] = [:]
        for member in members {
            entries[member.provider.name] = Entry(
                provider: member.provider, health: ProviderHealth(limits: member.limits, bounds: member.health))
        }
        var state = State(members: entries, routes: routes, broken: broken)
        state.index()
        self.state = Mutex(state)
        self.horizon = horizon
        self.recheck = recheck
    }

    /// Chooses a provider for one message and takes a place with it.
    ///
    /// - Parameters:
    ///   - content: the message to send; its channel determines the route.
    ///   - delivery: which message it is. Where traffic is divided, each one keeps its part in all its attempts.
    ///   - address: the recipient's address; a push token goes only to the provider that issued it.
    ///   - rotation: the number of earlier attempts; a retry begins with the next provider of the route.
    ///   - only: the one provider that may take it; nil for any.
    ///   - isPaused: whether an operator keeps the message from a provider.
    ///   - now: the present time.
    /// - Returns: the provider, or why there is none now.
    public func choose(
        _ content: RenderedMessage, of delivery: DeliveryID, to address: Address?, rotation: Int, only: String? = nil,
        isPaused: (String) -> Bool = { _ in false }, at now: Instant
    ) -> Choice {
        state.withLock { state in
            let channel = content.channel
            let route = state.order(of: channel, for: delivery, to: address, only: only, at: now)
            if let only, route.isEmpty {
                return .refused(
                    Outcome(
                        .permanentUnknown,
                        detail: "\(only), which may already have the message, no longer serves \(channel)"))
            }
            guard !route.isEmpty else {
                let why = state.broken[channel] ?? "no provider is configured for \(channel)"
                return .hold(until: now + recheck, .noProvider, detail: why)
            }
            var refusal: Outcome?
            var hold: Choice?
            var paused: Choice?
            var busy: [String] = []
            var wait: (until: Instant, name: String)?
            for offset in route.indices {
                let name = route[(offset + rotation) % route.count]
                let member = state.members[name]!.provider
                if let outcome = address.map({ member.refusal(of: content, to: $0) }) ?? member.refusal(of: content) {
                    refusal = refusal ?? outcome
                    continue
                }
                if isPaused(name) {
                    paused = paused ?? .paused(name)
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
                    busy.append(name)
                }
            }
            // No call is free. Then the message may be admitted ahead, for the first provider that works its way to it.
            for name in busy where state.members[name]!.health.take(at: now, horizon: horizon, isAhead: true) {
                return .provider(state.members[name]!.provider)
            }
            guard let wait, busy.isEmpty else { return busy.isEmpty ? hold ?? paused ?? .refused(refusal!) : .busy }
            // Other providers of the channel can send, so its messages are still claimed. This message is held, because
            // its own provider cannot send and it must not be claimed before the others again and again.
            guard isOpen(channel, in: state, at: now) else { return .busy }
            return .hold(
                until: max(wait.until, now + .seconds(1)), .providerLimited,
                detail: "\(wait.name) cannot accept calls now")
        }
    }

    /// Hands the message over. Its call may then `begin`.
    ///
    /// - Parameters:
    ///   - name: the provider.
    ///   - now: the present time.
    /// - Returns: when the call can be expected to begin as far as the rate limit goes. Nil when the provider became
    ///   limited or broken since it was chosen: the call must not be made, and the caller must call `abandoned`.
    public func handOver(to name: String, at now: Instant) -> Instant? {
        state.withLock { $0.members[name]?.health.handOver(at: now) }
    }

    /// Begins a call if the provider's concurrency and its rate allow that now. It keeps its place on the wire until
    /// `freed`.
    public func begin(_ name: String, at now: Instant) -> ProviderHealth.Beginning {
        state.withLock { $0.members[name]?.health.begin(at: now) ?? .never }
    }

    /// Begins a call that `join` took a place for. Returns false when the provider accepts no calls.
    public func beginJoined(_ name: String, at now: Instant) -> Bool {
        state.withLock { $0.members[name]?.health.beginJoined(at: now) ?? false }
    }

    /// Frees the place on the wire of a call that has begun.
    public func freed(_ name: String) {
        state.withLock { state in
            state.members[name]?.health.free()
            state.forget(name)
        }
    }

    /// Whether the provider accepts calls.
    public func mayCall(_ name: String, at now: Instant) -> Bool {
        state.withLock { $0.members[name]?.health.mayCall(at: now) ?? false }
    }

    /// Whether the provider is paused for a fault of our account or settings.
    public func isPaused(_ name: String, at now: Instant) -> Bool {
        state.withLock { $0.members[name]?.health.pause(at: now) != nil }
    }

    /// The names of each channel's providers that can be used.
    public var providers: [Channel: [String]] { state.withLock { $0.usable } }

    /// The providers that are asked for the fate of messages, by name.
    public var polling: [String: any PollingProvider] { state.withLock { $0.polling } }

    /// How long after an acceptance a provider is first asked for the message's fate; nil: it is not asked.
    public func pollAfter(_ name: String) -> Duration? { state.withLock { $0.polling[name]?.pollTerms.after } }

    /// Frees the place that `choose` took, for a message that is not sent.
    public func withdraw(_ name: String) {
        state.withLock { state in
            state.members[name]?.health.withdraw()
            state.forget(name)
        }
    }

    /// Records how long a delivery took by the provider's receipt.
    public func delivered(by name: String, after delay: Duration, at now: Instant) {
        state.withLock { $0.members[name]?.health.delivered(after: delay, at: now) }
    }

    /// Ends a call that was handed over but never made.
    public func abandoned(_ name: String) {
        state.withLock { state in
            state.members[name]?.health.abandon()
            state.forget(name)
        }
    }

    /// Ends a call.
    ///
    /// - Parameters:
    ///   - name: the provider that was called.
    ///   - outcome: what the call came to.
    ///   - recipient: the address that it was for; nil: not known.
    ///   - chosenAt: a time not later than when the provider was chosen; nil: not known. An outcome of a call with settings that are not in
    ///     force any more does not count against the provider.
    ///   - now: the present time.
    /// - Returns: how the outcome changed the provider's health.
    @discardableResult
    public func finished(
        _ name: String, outcome: Outcome, to recipient: KeyHash? = nil, chosenAt: Instant? = nil, at now: Instant
    ) -> ProviderHealth.Change {
        state.withLock { state in
            defer { state.forget(name) }
            if let chosenAt, let entry = state.members[name], entry.isLeaving || chosenAt < entry.changedAt {
                state.members[name]!.health.endUnjudged(at: now)
                return .init(isWorse: false, wasKnown: true)
            }
            return state.members[name]?.health.end(outcome, to: recipient, at: now)
                ?? .init(isWorse: false, wasKnown: false)
        }
    }
}
