/// A recipient's own limits: fewer messages, or none for a while. Stored in the profile under `caps`.
///
/// As JSON:
/// ```json
/// {"percent": 50,
///  "limits": [{"rule": "marketing-per-week", "limit": 1}],
///  "pauses": [{"until": "2026-09-01T00:00:00Z"},
///             {"until": "2026-12-01T00:00:00Z", "category": "newsletter", "channel": "sms"}]}
/// ```
/// These limits only tighten the policy's rules, unless a rule says `personal: replace`. They restrain only messages
/// that obey caps: a category with `obeys_caps: false` is neither limited nor paused.
public struct RecipientCaps: Hashable, Sendable {
    /// No messages until an instant.
    public struct Pause: Hashable, Sendable {
        /// The end of the pause. Waiting messages may be sent from this instant on.
        public var until: Instant
        /// The category; nil for all that obey caps.
        public var category: String?
        /// The channel; nil for all.
        public var channel: Channel?

        public init(until: Instant, category: String? = nil, channel: Channel? = nil) {
            self.until = until
            self.category = category
            self.channel = channel
        }
    }

    /// The recipient's own limit for one of the policy's caps.
    public struct Limit: Hashable, Sendable {
        /// The cap's name. A name that the policy does not have has no effect.
        public var rule: String
        /// 0 blocks all messages. The smaller of this and the rule's own limit holds.
        public var limit: Int

        public init(rule: String, limit: Int) {
            self.rule = rule
            self.limit = limit
        }
    }

    /// The most pauses, and the most limits, in one profile.
    public static let maxEntries = 32

    public var pauses: [Pause]
    public var limits: [Limit]
    /// The percentage of every cap's limit that the recipient wants, 1 to 100. Rounded down, but a limit above 0 never
    /// becomes 0.
    public var percent: Int

    public init(pauses: [Pause] = [], limits: [Limit] = [], percent: Int = 100) {
        self.pauses = pauses
        self.limits = limits
        self.percent = percent
    }

    /// No limits and no pauses.
    public static let none = RecipientCaps()

    public var isNone: Bool { pauses.isEmpty && limits.isEmpty && percent >= 100 }
}
