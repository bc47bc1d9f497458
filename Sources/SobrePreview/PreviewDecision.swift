public import SobreModel

/// The policy's decision for one channel, as text.
public struct PreviewDecision: Hashable, Sendable {
    public var channel: Channel
    /// `send`, `hold`, `drop`, `reroute` or `expire`.
    public var verdict: String
    /// The reason. For `send` it may be empty.
    public var reason: String

    public var isSend: Bool { verdict == "send" }

    public init(_ channel: Channel, _ decision: AdmissionDecision) {
        self.channel = channel
        reason = decision.summary
        switch decision.verdict {
        case .send: verdict = "send"
        case .reroute: verdict = "reroute"
        case .hold(let until, let why):
            verdict = "hold"
            reason = why.rawValue + (reason.isEmpty ? "" : ": \(reason)")
            if !reason.contains("until ") { reason += ", until \(until)" }
        case .drop(let why):
            verdict = "drop"
            reason = why.rawValue + (reason.isEmpty || reason == why.rawValue ? "" : ": \(reason)")
        case .expire:
            verdict = "expire"
            reason = reason.isEmpty ? "it is too late to send it" : reason
        }
    }

    public init(_ channel: Channel, verdict: String, reason: String) {
        self.channel = channel
        self.verdict = verdict
        self.reason = reason
    }
}
