public import SobreModel
public import SobreStore

/// A subscription to events as operators see it.
public struct EventSubscriptionStatus: Hashable, Sendable {
    /// What becomes of its events now.
    public enum Condition: String, CaseIterable, Sendable {
        /// They are sent as they happen.
        case active
        /// The last request failed. It is repeated.
        case failing
        /// They wait until somebody resumes the subscription.
        case paused
        /// Its settings are at fault, so nothing is sent.
        case broken
    }

    public var name: String
    /// Without the query.
    public var url: String
    public var condition: Condition
    /// The age of the oldest row of the log that it has not passed. Zero: it is at the end.
    public var behind: Duration
    /// What is wrong with its settings; nil: nothing.
    public var fault: String?
    /// How far it has come; nil: it has not begun.
    public var state: EventSubscriptionState?

    /// Makes the status of a subscription.
    public init(
        name: String, url: String, condition: Condition, behind: Duration = .zero, fault: String? = nil,
        state: EventSubscriptionState? = nil
    ) {
        self.name = name
        self.url = url
        self.condition = condition
        self.behind = behind
        self.fault = fault
        self.state = state
    }
}
