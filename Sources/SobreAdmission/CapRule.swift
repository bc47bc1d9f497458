import SobreModel
import ZoneInfo

/// At most `limit` contacts in a window. A class, so that a decision passes it on as one reference.
final class CapRule: Sendable {
    let name: String
    /// The messages that the rule restrains.
    let appliesTo: Selector
    /// The contacts that count towards the limit.
    let counts: Selector
    /// 0 blocks every message.
    let limit: Int
    let window: CapWindow
    let scope: CapScope
    let onCap: RuleAction
    let otherwise: RuleFallback
    /// Slots that only messages of at least this priority may use.
    let reserve: (priority: Priority, slots: Int)?
    /// The positions of the rules that this one replaces where it applies.
    let overrides: [Int]
    /// The recipients the rule applies to; nil for all.
    let segment: Segment?
    let personal: PersonalLimit
    /// The line of the rule in the policy's text, from 1.
    let line: Int

    init(
        name: String, appliesTo: Selector, counts: Selector, limit: Int, window: CapWindow, scope: CapScope,
        onCap: RuleAction, otherwise: RuleFallback, reserve: (priority: Priority, slots: Int)?, overrides: [Int],
        segment: Segment?, personal: PersonalLimit, line: Int
    ) {
        self.name = name
        self.appliesTo = appliesTo
        self.counts = counts
        self.limit = limit
        self.window = window
        self.scope = scope
        self.onCap = onCap
        self.otherwise = otherwise
        self.reserve = reserve
        self.overrides = overrides
        self.segment = segment
        self.personal = personal
        self.line = line
    }

    /// What happens to a message that the rule stops when no other channel takes it.
    var finalAction: RuleFallback {
        switch onCap {
        case .drop: .drop
        case .hold: .hold
        case .nextChannel: otherwise
        }
    }
}

/// What two contacts must have in common, besides the recipient, to be counted together.
struct CapScope: OptionSet, Sendable, Hashable {
    var rawValue: UInt8

    static let address = CapScope(rawValue: 1)
    static let channel = CapScope(rawValue: 2)
    static let category = CapScope(rawValue: 4)
    static let campaign = CapScope(rawValue: 8)
    static let journey = CapScope(rawValue: 16)
    static let topic = CapScope(rawValue: 32)
    static let template = CapScope(rawValue: 64)
    static let tenant = CapScope(rawValue: 128)

    static let names: [(name: String, scope: CapScope)] = [
        ("recipient", []), ("address", .address), ("channel", .channel), ("category", .category),
        ("campaign", .campaign), ("journey", .journey), ("topic", .topic), ("template", .template),
        ("tenant", .tenant),
    ]

    var description: String {
        let parts = Self.names.filter { !$0.scope.isEmpty && contains($0.scope) }.map(\.name)
        return (contains(.address) ? parts : ["recipient"] + parts).joined(separator: "+")
    }

    /// Whether a contact has everything in common with the request that the scope requires.
    ///
    /// Callers check for an empty scope first: the usual case, in which the entry need not be copied.
    func holds(_ entry: LedgerEntry, _ traits: ContactTraits, _ address: KeyHash) -> Bool {
        (!contains(.address) || entry.address == address)
            && (!contains(.channel) || entry.traits.channel == traits.channel)
            && (!contains(.category) || entry.traits.category == traits.category)
            && (!contains(.campaign) || entry.traits.campaign == traits.campaign)
            && (!contains(.journey) || entry.traits.journey == traits.journey)
            && (!contains(.topic) || entry.traits.topic == traits.topic)
            && (!contains(.template) || entry.traits.template == traits.template)
            && (!contains(.tenant) || entry.traits.tenant == traits.tenant)
    }
}
