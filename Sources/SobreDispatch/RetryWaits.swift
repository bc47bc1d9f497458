public import SobreSettings

/// How long the dispatcher waits before it tries again what did not work.
public struct RetryWaits: Hashable, Sendable {
    /// After failed calls.
    public var retry: RetryPolicy
    /// The shortest wait before a message with a broken template is rendered again.
    public var render: Duration

    public init(retry: RetryPolicy, render: Duration) {
        self.retry = retry
        self.render = render
    }
}
