import SobreModel
import SobreProviders
import SobreSettings
import SobreStore
import SobreWire
import Text

extension EventSubscriptions {
    /// The subscriptions as operators see them.
    ///
    /// - Parameters:
    ///   - settings: name the subscriptions.
    ///   - store: has the log, and how far they have come.
    ///   - now: ages are measured at this time.
    /// - Returns: all of them, in the order of the settings.
    /// - Throws: `StoreError` when the store cannot be read.
    func statuses(
        of settings: Settings.Events, in store: any EventFeed.Reading, at now: Instant
    ) async throws(StoreError) -> [EventSubscriptionStatus] {
        if settings.subscriptions.isEmpty { return [] }
        var states: [String: EventSubscriptionState] = [:]
        for state in try await store.eventSubscriptions() { states[state.name] = state }
        var statuses: [EventSubscriptionStatus] = []
        for subscription in settings.subscriptions {
            let state = states[subscription.name]
            let fault = faults[subscription.name]
            var status = EventSubscriptionStatus(
                name: subscription.name, url: String(subscription.url.prefix { $0 != "?" }), condition: .active,
                fault: fault, state: state)
            if fault != nil {
                status.condition = .broken
            } else if state?.pausedSince != nil {
                status.condition = .paused
            } else if state?.failingSince != nil {
                status.condition = .failing
            }
            if let state {
                let next = try await store.log(LogQuery(direction: .forward(after: state.position), limit: 1)).rows
                if let first = next.first { status.behind = max(.zero, now - first.entry.at) }
            }
            statuses.append(status)
        }
        return statuses
    }
}

extension EventSubscriptionStatus {
    /// What an operator must know, with the command that helps; nil: nothing.
    func warning(_ limits: EventLimits) -> String? {
        let age = DurationText.rounded(behind)
        switch condition {
        case .broken: return "\(fault ?? "") Its events wait. sobre doctor checks it."
        case .paused:
            let since = state?.pausedSince.map { " since \($0)" } ?? ""
            let why = state.map { $0.pauseReason.isEmpty ? "" : " (\($0.pauseReason))" } ?? ""
            return "The subscription \(name) to events is paused by \(state?.pausedBy ?? "")\(since)\(why). "
                + "Its events wait, the oldest for \(age), up to retention.messages. sobre events resume \(name) sends them."
        case .failing:
            guard let state, let since = state.failingSince else { return nil }
            return "The receiver of the subscription \(name) has failed since \(since), \(state.tries) times: "
                + "\(state.lastError) It is paused after \(DurationText.rounded(limits.retryFor)). "
                + "sobre events test \(name) tries it."
        case .active:
            guard behind > limits.lagWarning else { return nil }
            return
                "The subscription \(name) to events is \(age) behind. Its receiver may be too slow; sobre events shows it."
        }
    }
}
