import SobreModel
import SobreProviders
import SobreSettings
import SobreStore

/// The subscriptions to events of the settings, each with its endpoint, or with what is wrong with it.
struct EventSubscriptions: Sendable {
    struct Ready: Sendable {
        let subscription: EventSubscription
        let endpoint: WebhookEndpoint
    }

    private(set) var ready: [Ready] = []
    /// By name: why nothing can be sent.
    private(set) var faults: [String: String] = [:]

    /// - Parameters:
    ///   - settings: name the subscriptions.
    ///   - environment: may contain their secrets.
    init(_ settings: Settings, environment: Environment) {
        let source = SecretSource(environment)
        for subscription in settings.events.subscriptions {
            do throws(SettingsError) {
                let endpoint = try WebhookEndpoint(
                    url: subscription.url, secrets: [subscription.secret] + subscription.previousSecrets, from: source,
                    of: "events.subscriptions.\(subscription.name)")
                ready.append(Ready(subscription: subscription, endpoint: endpoint))
            } catch { faults[subscription.name] = error.description }
        }
    }
}

extension EventSubscription {
    /// Whether a row of the log is an event of this subscription. A delivery has no channel and no provider before it is
    /// tried.
    func includes(_ row: LogRow) -> Bool {
        func matches<Value: Hashable>(_ wanted: Set<Value>, _ value: Value?) -> Bool {
            wanted.isEmpty || value.map(wanted.contains) ?? false
        }
        return matches(events, row.entry.state) && matches(campaigns, row.campaign)
            && matches(categories, row.category) && matches(templates, row.template)
            && matches(channels, row.entry.channel) && matches(providers, row.entry.provider)
    }
}
