/// An operator's order that some deliveries wait. Nothing of them is sent until the pause is lifted or has ended.
///
/// What it covers is held, keeps its place in the queue and its expiry, and goes on when the pause ends.
public struct SendingPause: Hashable, Sendable {
    /// Increases with each pause of a store, and is never used again.
    public var id: Int64
    /// The deliveries that wait. There is at most one pause with the same filter.
    public var filter: DeliveryFilter
    /// When it was ordered, by the store's clock.
    public var since: Instant
    /// When it ends by itself; nil: it lasts until somebody resumes sending.
    public var until: Instant?
    /// Why, in the words of whoever ordered it. May be empty.
    public var reason: String
    /// Who ordered it: the name of an API key or of a local user.
    public var by: String

    public init(id: Int64, filter: DeliveryFilter, since: Instant, until: Instant?, reason: String, by: String) {
        self.id = id
        self.filter = filter
        self.since = since
        self.until = until
        self.reason = reason
        self.by = by
    }

    /// How many bytes the reason may have.
    public static let maxReasonBytes = 500

    /// Whether it has not ended by itself.
    public func isInForce(at now: Instant) -> Bool { until.map { now < $0 } ?? true }

    /// When it ends, for comparisons. One that has no end is later than all others.
    public var end: Instant { until ?? .distantFuture }

    /// In one line, for logs: `campaign spring, paused by ann since …: wrong link; until resumed`.
    public var summary: String {
        var text = "\(filter), paused by \(by) since \(since)"
        if !reason.isEmpty { text += ": \(reason)" }
        return text + (until.map { "; until \($0)" } ?? "; until resumed")
    }
}

extension [SendingPause] {
    /// The pause that keeps a message from being sent on a channel, whoever the provider is. Of several, the one that
    /// lasts longest.
    ///
    /// - Parameters:
    ///   - message: the message.
    ///   - channel: the channel; nil for pauses of all channels only.
    /// - Returns: nil when no pause covers it.
    public func covering(_ message: MessageDraft, on channel: Channel?) -> SendingPause? {
        longest { pause in
            pause.filter.provider == nil && pause.filter.channel.map { $0 == channel } ?? true
                && pause.filter.matches(message)
        }
    }

    /// The pause that keeps a message from being sent through a provider. Of several, the one that lasts longest.
    public func covering(_ message: MessageDraft, on channel: Channel, through provider: String) -> SendingPause? {
        longest { $0.filter.matches(message, on: channel, through: provider) }
    }

    /// The providers that may send nothing at all.
    public var pausedProviders: Set<String> {
        Set(compactMap { pause in pause.filter == pause.filter.routeOnly ? pause.filter.provider : nil })
    }

    private func longest(where isMeant: (SendingPause) -> Bool) -> SendingPause? {
        if isEmpty { return nil }
        var found: SendingPause?
        for pause in self where isMeant(pause) {
            if let known = found, (known.end, -known.id) >= (pause.end, -pause.id) { continue }
            found = pause
        }
        return found
    }
}
