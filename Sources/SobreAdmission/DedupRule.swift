import SobreModel

/// At most one message with the same key per recipient (or address) and window.
final class DedupRule: Sendable {
    /// The parts of a key. It is compared by the traits in the ledger, so an edited policy applies to earlier contacts
    /// too.
    struct Key: OptionSet, Sendable, Hashable {
        var rawValue: UInt8

        static let campaign = Key(rawValue: 1)
        static let template = Key(rawValue: 2)
        static let dedupKey = Key(rawValue: 4)
        static let category = Key(rawValue: 8)
        static let topic = Key(rawValue: 16)
        static let journey = Key(rawValue: 32)

        static let names: [(name: String, key: Key)] = [
            ("campaign", .campaign), ("template", .template), ("dedup_key", .dedupKey), ("category", .category),
            ("topic", .topic), ("journey", .journey),
        ]

        var description: String { Self.names.filter { contains($0.key) }.map(\.name).joined(separator: "+") }

        func agree(_ a: ContactTraits, _ b: ContactTraits) -> Bool {
            (!contains(.dedupKey) || a.dedupKey == b.dedupKey)
                && (!contains(.campaign) || a.campaign == b.campaign)
                && (!contains(.template) || a.template == b.template)
                && (!contains(.category) || a.category == b.category)
                && (!contains(.topic) || a.topic == b.topic)
                && (!contains(.journey) || a.journey == b.journey)
        }
    }

    enum Scope: String, CaseIterable, Sendable {
        case recipient
        case address
    }

    enum Across: String, CaseIterable, Sendable {
        /// A message on one channel makes the same message on another a duplicate.
        case channels
        /// Each channel is compared only with itself.
        case none
    }

    /// What happens to a message without a `dedup_key` when the rule's key includes it.
    enum Missing: String, CaseIterable, Sendable {
        /// Only the other parts of the key are compared.
        case compareRest = "compare_rest"
        /// The rule does not apply.
        case skip
        /// The message is held with the reason `policy_error`.
        case hold
    }

    let name: String
    let appliesTo: Selector
    let key: Key
    let window: Duration
    let scope: Scope
    let across: Across
    let missing: Missing
    /// The line of the rule in the policy's text, from 1.
    let line: Int

    init(
        name: String, appliesTo: Selector, key: Key, window: Duration, scope: Scope, across: Across, missing: Missing,
        line: Int
    ) {
        self.name = name
        self.appliesTo = appliesTo
        self.key = key
        self.window = window
        self.scope = scope
        self.across = across
        self.missing = missing
        self.line = line
    }
}
