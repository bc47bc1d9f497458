import SobreModel

/// A share of recipients that is never contacted, so that the effect of messages can be measured.
struct ControlGroup: Sendable {
    var name: String
    var appliesTo: Selector
    /// In hundredths of a percent.
    var share: Int
    /// The line of the group in the policy's text, from 1.
    var line: Int

    /// Whether a recipient belongs to the group. Determined by a hash of the group's name and the recipient's id, so it
    /// never changes.
    func contains(recipient: String) -> Bool {
        var hash = StableHash()
        hash.combine(name)
        hash.combine(recipient)
        return hash.keyHash.rawValue % 10_000 < UInt64(share)
    }
}
