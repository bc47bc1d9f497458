public import SobreModel

/// What a policy promises, in the checker's own terms. It never reads the policy's text and does not depend on the
/// implementation.
public struct Promise: Hashable, Sendable {
    /// Which messages or contacts a rule applies to. An empty list means any.
    public struct Subject: Hashable, Sendable {
        public var categories: [String]
        public var channels: [Channel]
        public var campaigns: [String]

        public init(categories: [String] = [], channels: [Channel] = [], campaigns: [String] = []) {
            self.categories = categories
            self.channels = channels
            self.campaigns = campaigns
        }

        func covers(_ draft: MessageDraft, on channel: Channel) -> Bool {
            (categories.isEmpty || categories.contains(draft.category))
                && (channels.isEmpty || channels.contains(channel))
                && (campaigns.isEmpty || campaigns.contains(draft.campaign ?? ""))
        }
    }

    public struct Category: Hashable, Sendable {
        public var name: String
        public var needsConsent: Bool
        public var obeysCaps: Bool
        public var countsTowardCaps: Bool
        /// Whether it is sent once more if its outcome is unknown.
        public var isResent: Bool
        /// The same content is not sent to a recipient again for this many seconds; 0 is not checked.
        public var sameWordsSeconds: Int64
        /// The seconds from `send_at` or acceptance after which a message without an expiry of its own expires; nil: never.
        public var expiresAfterSeconds: Int64?

        public init(
            _ name: String, needsConsent: Bool, obeysCaps: Bool, countsTowardCaps: Bool, isResent: Bool,
            sameWordsSeconds: Int64 = 0, expiresAfterSeconds: Int64? = nil
        ) {
            self.name = name
            self.needsConsent = needsConsent
            self.obeysCaps = obeysCaps
            self.countsTowardCaps = countsTowardCaps
            self.isResent = isResent
            self.sameWordsSeconds = sameWordsSeconds
            self.expiresAfterSeconds = expiresAfterSeconds
        }
    }

    public enum Window: Hashable, Sendable {
        case rolling(seconds: Int64)
        /// A day of UTC.
        case day
        case lifetime
    }

    public enum Shared: String, CaseIterable, Sendable {
        case address, channel, campaign
    }

    public struct Cap: Hashable, Sendable {
        public var name: String
        public var subject: Subject
        public var limit: Int
        public var window: Window
        /// What two contacts must share, besides the recipient, to be counted together.
        public var shared: [Shared]
        /// `drop`, `hold` or `next_channel`.
        public var onFull: String
        /// Slots reserved for messages of at least this priority.
        public var reservedSlots: Int
        public var reservedFor: Priority
        /// What `next_channel` falls back to if there is no other channel: `hold` or `drop`.
        public var otherwise: String
        /// Whether a limit chosen by the recipient replaces this one, even if it is higher.
        public var isReplaced: Bool

        public init(
            _ name: String, _ subject: Subject, limit: Int, window: Window, shared: [Shared] = [],
            onFull: String = "drop", reservedSlots: Int = 0, reservedFor: Priority = .high,
            otherwise: String = "hold", isReplaced: Bool = false
        ) {
            self.name = name
            self.subject = subject
            self.limit = limit
            self.window = window
            self.shared = shared
            self.onFull = onFull
            self.reservedSlots = reservedSlots
            self.reservedFor = reservedFor
            self.otherwise = otherwise
            self.isReplaced = isReplaced
        }

        /// The limit for a message of this priority to a recipient with these wishes. "fewer" never becomes zero.
        func limit(for priority: Priority, _ wishes: RecipientCaps = .none) -> Int {
            var own = limit
            if let wish = wishes.limits.last(where: { $0.rule == name })?.limit {
                own = isReplaced ? wish : min(own, wish)
            }
            if own > 0 { own = max(1, own * wishes.percent / 100) }
            return priority < reservedFor ? max(0, own - reservedSlots) : own
        }
    }

    /// A share of recipients who are never contacted. Membership never changes.
    public struct Group: Hashable, Sendable {
        public var name: String
        public var subject: Subject
        public var percent: Int

        public init(_ name: String, _ subject: Subject, percent: Int) {
            self.name = name
            self.subject = subject
            self.percent = percent
        }
    }

    /// Every day from one minute (of UTC) to another, which is excluded.
    public struct Quiet: Hashable, Sendable {
        public var name: String
        public var subject: Subject
        public var fromMinute: Int
        public var toMinute: Int
        /// `drop`, `hold` or `next_channel`.
        public var onHit: String

        public init(_ name: String, _ subject: Subject, from: Int, to: Int, onHit: String = "hold") {
            self.name = name
            self.subject = subject
            self.fromMinute = from
            self.toMinute = to
            self.onHit = onHit
        }

        func isQuiet(at instant: Instant) -> Bool {
            let minute = Int(instant.milliseconds / 60_000 % 1440)
            return fromMinute <= toMinute
                ? (fromMinute..<toMinute).contains(minute) : minute >= fromMinute || minute < toMinute
        }
    }

    /// At most one message per recipient with the same campaign, template and dedup key.
    public struct Once: Hashable, Sendable {
        public var name: String
        public var subject: Subject
        public var seconds: Int64
        public var byAddress: Bool
        /// Whether an email makes the same SMS a duplicate.
        public var acrossChannels: Bool

        public init(
            _ name: String, _ subject: Subject, seconds: Int64, byAddress: Bool = false, acrossChannels: Bool = true
        ) {
            self.name = name
            self.subject = subject
            self.seconds = seconds
            self.byAddress = byAddress
            self.acrossChannels = acrossChannels
        }
    }

    public var categories: [Category]
    public var caps: [Cap]
    public var quiet: [Quiet]
    public var once: [Once]
    public var groups: [Group]
    /// Whether contacts of one tenant count toward another tenant's rules.
    public var sharesTenants: Bool

    public init(
        categories: [Category], caps: [Cap] = [], quiet: [Quiet] = [], once: [Once] = [], groups: [Group] = [],
        sharesTenants: Bool = false
    ) {
        self.categories = categories
        self.caps = caps
        self.quiet = quiet
        self.once = once
        self.groups = groups
        self.sharesTenants = sharesTenants
    }

    /// Whether caps apply to a message. Its own setting overrides its category's, and tests are never capped.
    func restrains(_ draft: MessageDraft) -> Bool {
        !draft.isTest && (draft.capFlags?.obeys ?? category(draft.category).obeysCaps)
    }

    /// Whether its contacts count toward caps.
    func counts(_ draft: MessageDraft) -> Bool {
        !draft.isTest && (draft.capFlags?.counts ?? category(draft.category).countsTowardCaps)
    }

    /// Whether the rules of a message count a contact: not a test, and not of another tenant.
    func sees(_ contact: MessageDraft, for draft: MessageDraft) -> Bool {
        !contact.isTest && (sharesTenants || contact.tenant == draft.tenant)
    }

    /// When a message expires: by its own setting, or by its category's.
    func expiresAt(_ draft: MessageDraft, acceptedAt: Instant) -> Instant? {
        draft.expiresAt
            ?? category(draft.category).expiresAfterSeconds.map { (draft.sendAt ?? acceptedAt) + .seconds($0) }
    }

    func category(_ name: String) -> Category {
        // A category that the policy does not name is treated in the strictest way.
        categories.first { $0.name == name }
            ?? Category(
                name, needsConsent: true, obeysCaps: true, countsTowardCaps: true, isResent: false,
                sameWordsSeconds: 86_400)
    }
}
