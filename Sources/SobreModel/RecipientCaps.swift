/// What one person asked for: fewer messages, or none for a while. Kept in the profile under `caps`.
///
/// As JSON:
/// ```json
/// {"percent": 50,
///  "limits": [{"rule": "marketing-per-week", "limit": 1}],
///  "pauses": [{"until": "2026-09-01T00:00:00Z"},
///             {"until": "2026-12-01T00:00:00Z", "category": "newsletter", "channel": "sms"}]}
/// ```
/// A wish only ever tightens the policy's rules, unless a rule says `personal: replace`. It restrains what obeys caps:
/// a category with `obeys_caps: false` is neither limited nor paused by it.
public struct RecipientCaps: Hashable, Sendable {
    /// No message before an instant.
    public struct Pause: Hashable, Sendable {
        /// The pause ends at this instant: what waits for it may be sent then.
        public var until: Instant
        /// Only this category, or nil: all that obey caps.
        public var category: String?
        /// Only this channel, or nil: all.
        public var channel: Channel?

        public init(until: Instant, category: String? = nil, channel: Channel? = nil) {
            self.until = until
            self.category = category
            self.channel = channel
        }
    }

    /// The person's own limit for one of the policy's caps.
    public struct Limit: Hashable, Sendable {
        /// The cap's name. One that the policy does not know has no effect.
        public var rule: String
        /// 0: never. The smaller of this and the rule's own limit holds.
        public var limit: Int

        public init(rule: String, limit: Int) {
            self.rule = rule
            self.limit = limit
        }
    }

    /// Pauses that a profile may list, and limits.
    public static let maxEntries = 32

    public var pauses: [Pause]
    public var limits: [Limit]
    /// The share of every cap's limit that this person wants, 1 to 100; rounded down, but never from one or more to none.
    public var percent: Int

    public init(pauses: [Pause] = [], limits: [Limit] = [], percent: Int = 100) {
        self.pauses = pauses
        self.limits = limits
        self.percent = percent
    }

    /// Nothing was asked for.
    public static let none = RecipientCaps()

    public var isNone: Bool { pauses.isEmpty && limits.isEmpty && percent >= 100 }
}
