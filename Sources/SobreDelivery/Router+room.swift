public import SobreModel
import Synchronization

extension Router {
    /// How many messages of each channel are worth claiming now; a channel that is not named has none.
    ///
    /// Those that can begin within the horizon; and without bound those that no waiting will help, whose messages are
    /// held with a reason.
    public func room(at now: Instant) -> [Channel: Int] {
        state.withLock { state in
            var room: [Channel: Int] = [:]
            for channel in Channel.allCases {
                let members = (state.routes[channel] ?? []).compactMap { state.members[$0] }
                let awaitsOperator = members.allSatisfy { $0.pausedUntil.map { $0 > now } ?? false }
                var count = awaitsOperator ? Int.max : 0
                for member in members where count < .max {
                    let (sum, overflow) = count.addingReportingOverflow(Self.room(of: member, at: now))
                    count = overflow ? .max : sum
                }
                if count > 0 { room[channel] = count }
            }
            return room
        }
    }

    /// The channels of which messages are worth claiming now.
    public func openChannels(at now: Instant) -> Set<Channel> { Set(room(at: now).keys) }

    /// Takes a place for one more device of a message that is being handed over, beside the device whose provider was
    /// chosen: with the provider that issued its token, else with the same.
    ///
    /// Not bounded by concurrency or breaker, as the message goes anyway; the rate is kept.
    ///
    /// - Returns: the provider and when the call may begin; nil when the device's own provider cannot send now.
    public func join(
        _ content: RenderedMessage, to address: Address, beside name: String, at now: Instant
    ) -> (provider: any Provider, startAt: Instant)? {
        state.withLock { state in
            let route = state.routes[content.channel] ?? []
            let issuer = address.provider.flatMap { route.contains($0) ? $0 : nil }
            guard let chosen = issuer ?? (state.members[name] == nil ? nil : name), var member = state.members[chosen],
                member.pausedUntil.map({ $0 <= now }) ?? true, member.member.provider.refusal(of: content) == nil
            else { return nil }
            if chosen != name, member.breaker.room(at: now) == 0 { return nil }
            let startAt = member.limiter?.reserve(at: now) ?? now
            member.breaker.begin(at: now)
            member.inFlight += 1
            state.members[chosen] = member
            return (member.member.provider, startAt)
        }
    }

    /// Every provider as it stands, by name.
    public func statuses(at now: Instant) -> [Status] {
        state.withLock { state in
            state.members.values.map {
                Status(
                    name: $0.member.provider.name, channel: $0.member.provider.channel, breaker: $0.breaker.state,
                    inFlight: $0.inFlight, pausedUntil: $0.pausedUntil.flatMap { $0 > now ? $0 : nil },
                    pauseReason: $0.pauseReason, isLimited: Self.isLimited($0, at: now))
            }.sorted { $0.name < $1.name }
        }
    }

    static func isOpen(_ channel: Channel, in state: State, at now: Instant) -> Bool {
        (state.routes[channel] ?? []).contains { name in
            state.members[name].map { room(of: $0, at: now) > 0 } ?? false
        }
    }

    static func place(_ member: inout MemberState, at now: Instant) -> Choice {
        let name = member.member.provider.name
        if let until = member.pausedUntil, until > now {
            return .hold(until: until, .providerPaused, detail: "\(name) is paused: \(member.pauseReason ?? "")")
        }
        guard room(of: member, at: now) > 0 else { return .busy }
        member.breaker.begin(at: now)
        member.inFlight += 1
        member.chosen += 1
        return .provider(member.member.provider)
    }

    /// How many calls of a provider could begin within the horizon.
    private static func room(of member: MemberState, at now: Instant) -> Int {
        if let until = member.pausedUntil, until > now { return 0 }
        let room = min(member.member.maxInFlight - member.inFlight, member.breaker.room(at: now))
        guard room > 0, let limiter = member.limiter else { return max(room, 0) }
        return max(0, min(room, limiter.places(within: reservationHorizon, at: now) - member.chosen))
    }

    private static func isLimited(_ member: MemberState, at now: Instant) -> Bool {
        guard let limiter = member.limiter else { return false }
        return limiter.places(within: reservationHorizon, at: now) <= member.chosen
    }
}
