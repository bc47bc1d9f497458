import Curl
public import SobreSettings
import SobreModel

/// Sends one signed request without events to the receiver of a subscription.
public struct EventTrial: Sendable {
    /// What the receiver did.
    public struct Result: Sendable {
        /// Why it failed; nil: the receiver took it.
        public let fault: String?
        public let duration: Duration
    }

    /// - Parameters:
    ///   - name: the subscription.
    ///   - settings: name it, and its bounds.
    ///   - environment: may contain its secrets.
    /// - Returns: what the receiver did.
    /// - Throws: `SettingsError` when there is no such subscription, or its settings are at fault.
    public static func send(
        to name: String, _ settings: Settings, environment: Environment = .process
    ) async throws(SettingsError) -> Result {
        let subscriptions = EventSubscriptions(settings, environment: environment)
        if let fault = subscriptions.faults[name] { throw SettingsError(fault) }
        guard let ready = subscriptions.ready.first(where: { $0.subscription.name == name }) else {
            throw SettingsError(Self.unknown(name, settings))
        }
        let loop = EventDeliverer.makeLoop(settings)
        let now = SystemTime().now()
        let started = ContinuousClock.now
        let answer = await EventDeliverer.receiver(ready, settings, loop).send(
            EventBatch.trial(of: name, at: now), id: "evt_test_\(now.milliseconds)", at: now)
        let duration = ContinuousClock.now - started
        await loop.shutdown()
        let fault: String? =
            switch answer {
            case .taken: nil
            case .gone: "The receiver answered 410 Gone."
            case .failed(let why, _): why
            case .notTried: "The request was not tried."
            }
        return Result(fault: fault, duration: duration)
    }

    /// The sentence for a name that no subscription has.
    ///
    /// - Parameters:
    ///   - name: what was asked for.
    ///   - settings: name those that there are.
    /// - Returns: what there is instead.
    public static func unknown(_ name: String, _ settings: Settings) -> String {
        let names = settings.events.subscriptions.map(\.name)
        let known = names.isEmpty ? "There are none" : "There are \(names.joined(separator: ", "))"
        return "There is no subscription \(name) in the section events of the settings. \(known)."
    }
}
