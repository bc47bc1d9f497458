public import SobreModel
public import SobreSettings
import Synchronization

extension Router {
    /// Puts other providers, limits and routes in force. Calls that were decided before end with the provider that they
    /// were decided for, with its old settings.
    ///
    /// - Parameters:
    ///   - members: all providers; their names are unique.
    ///   - changed: the names of those whose settings are not the same as before. What was learnt of them is forgotten.
    ///   - routes: the providers of each channel.
    ///   - broken: channels without a usable provider because of a fault in the setup, with the reason.
    ///   - now: the present time.
    public func change(
        to members: [Member], changed: Set<String>, routes: [Channel: ProviderRoute], broken: [Channel: String],
        at now: Instant
    ) {
        state.withLock { state in
            var entries = state.members
            for name in entries.keys { entries[name]!.isLeaving = true }
            for member in members {
                let name = member.provider.name
                guard var entry = entries[name] else {
                    entries[name] = Entry(
                        provider: member.provider, health: ProviderHealth(limits: member.limits, bounds: member.health),
                        changedAt: now)
                    continue
                }
                let isNew = changed.contains(name)
                entry.health.change(limits: member.limits, bounds: member.health, isNew: isNew, at: now)
                entry.provider = member.provider
                entry.isLeaving = false
                if isNew { entry.changedAt = now }
                entries[name] = entry
            }
            state.members = entries.filter { !$1.isForgotten }
            state.routes = routes
            state.broken = broken
            state.index()
        }
    }
}
