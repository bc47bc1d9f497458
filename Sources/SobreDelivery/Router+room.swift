public import SobreModel
internal import SobreSettings
import Synchronization

extension Router {
    /// How many messages of each channel are worth claiming now. Channels without room are left out.
    ///
    /// Counts the calls that can begin within the horizon and what may be admitted ahead of them. A channel whose
    /// providers are all paused has no bound, because its messages are to be claimed and held with a reason.
    ///
    /// - Parameters:
    ///   - now: the present time.
    ///   - isUrgent: whether a few places are worth a claim, although others wait to begin.
    ///   - paused: the providers that an operator has paused. What they could take does not count.
    /// - Returns: the number of messages by channel.
    public func room(
        at now: Instant, isUrgent: Bool = false, without paused: Set<String> = []
    ) -> [Channel: Int] {
        state.withLock { state in
            var room: [Channel: Int] = [:]
            for channel in Channel.allCases {
                let count = self.room(on: channel, in: state, without: paused, at: now, isUrgent: isUrgent)
                if count > 0 { room[channel] = count }
            }
            return room
        }
    }

    /// Whether messages for a provider are worth claiming now.
    public func hasRoom(_ name: String, at now: Instant) -> Bool {
        state.withLock { state in
            guard let entry = state.members[name], !entry.isLeaving else { return false }
            return entry.health.room(at: now, horizon: horizon) > 0
        }
    }

    /// The channels with messages worth claiming now.
    public func openChannels(at now: Instant) -> Set<Channel> { Set(room(at: now).keys) }

    /// The earliest time at which a channel without room may have room even if no call ends before. It is `now` if only
    /// calls in flight are in the way.
    public func nextRoom(at now: Instant) -> Instant {
        state.withLock { state in
            var next = Instant.distantFuture
            for channel in Channel.allCases where room(on: channel, in: state, at: now) == 0 {
                for member in state.members(of: channel) {
                    next = min(next, member.health.nextFree(at: now, horizon: horizon) ?? now)
                }
            }
            return next
        }
    }

    /// When a provider that may take a message accepts calls again.
    ///
    /// - Parameters:
    ///   - channel: chooses the route.
    ///   - address: a push token goes only to the provider that issued it.
    ///   - only: the one provider that may take it; nil for any.
    ///   - now: the present time.
    /// - Returns: the earliest time; nil when a provider accepts calls now.
    public func reopens(_ channel: Channel, to address: Address?, only: String?, at now: Instant) -> Instant? {
        state.withLock { state in
            var earliest: Instant?
            for name in state.route(of: channel, to: address, only: only) {
                guard let until = state.members[name]!.health.reopens(at: now) else { return nil }
                earliest = min(earliest ?? until, until)
            }
            return earliest
        }
    }

    /// Takes a place for one more device of a message that is being handed over. The provider is the one that issued
    /// the device's token, else the one chosen for the first device.
    ///
    /// The concurrency limit does not apply, as the message is sent anyway. The rate limit does.
    ///
    /// - Parameters:
    ///   - content: the message.
    ///   - address: the further device.
    ///   - name: the provider chosen for the first device.
    ///   - isPaused: whether an operator keeps the message from a provider.
    ///   - now: the present time.
    /// - Returns: the provider and when the call may begin; nil when the device's provider cannot send now.
    public func join(
        _ content: RenderedMessage, to address: Address, beside name: String,
        isPaused: (String) -> Bool = { _ in false }, at now: Instant
    ) -> (provider: any Provider, startAt: Instant)? {
        state.withLock { state in
            let route = (state.routes[content.channel] ?? []).names
            let issuer = address.provider.flatMap { route.contains($0) ? $0 : nil }
            let chosen = issuer ?? name
            guard !isPaused(chosen), let entry = state.members[chosen], !entry.isLeaving,
                case let provider = entry.provider, provider.refusal(of: content, to: address) == nil,
                let startAt = state.members[chosen]?.health.join(isFirst: chosen != name, at: now)
            else { return nil }
            return (provider, startAt)
        }
    }

    /// The status of every provider, sorted by name.
    public func statuses(at now: Instant) -> [Status] {
        state.withLock { state in
            state.members.filter { !$1.isLeaving }.keys.sorted().map { name in
                let share = state.members[name]!.health.share(at: now)
                let entry = state.members[name]!
                // Without another provider to take the rest, it keeps all of its traffic.
                let isShared = state.routes.values.contains { route in
                    route.names.contains(name)
                        && route.names.count { state.members[$0].map { !$0.isLeaving } ?? false } > 1
                }
                return Status(
                    name: name, channel: entry.provider.channel,
                    condition: entry.health.condition(at: now, horizon: horizon), inFlight: entry.health.inFlight,
                    share: isShared ? share : 100, shareReason: isShared ? entry.health.share.why : nil)
            }
        }
    }

    func isOpen(_ channel: Channel, in state: borrowing State, at now: Instant) -> Bool {
        state.members(of: channel).contains { $0.health.places(isAhead: true, at: now, horizon: horizon) > 0 }
    }

    private func room(
        on channel: Channel, in state: borrowing State, without paused: Set<String> = [], at now: Instant,
        isUrgent: Bool = false
    ) -> Int {
        var members = state.members(of: channel)
        if !paused.isEmpty { members.removeAll { paused.contains($0.provider.name) } }
        if members.allSatisfy({ $0.health.pause(at: now) != nil }) { return .max }
        var count = 0
        for member in members {
            let health = member.health
            let (sum, overflow) = count.addingReportingOverflow(
                isUrgent
                    ? health.places(isAhead: true, at: now, horizon: horizon) : health.room(at: now, horizon: horizon))
            if overflow { return .max }
            count = sum
        }
        return count
    }
}

extension Router.State {
    /// The providers of a channel, in order of preference.
    func members(of channel: Channel) -> [Router.Entry] {
        (usable[channel] ?? []).compactMap { members[$0] }
    }

    /// The names of the providers that may take a message, in the order of the route.
    func route(of channel: Channel, to address: Address?, only: String?) -> [String] {
        let route = (routes[channel] ?? []).names
        let usable = usable[channel] ?? []
        return (address?.providers(among: route) ?? route).filter { usable.contains($0) && (only == nil || only == $0) }
    }
}
