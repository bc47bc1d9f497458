import SobreModel

/// A share of recipients that is never contacted, so that an effect can be measured.
struct ControlGroup: Sendable {
    var name: String
    var appliesTo: Selector
    /// Hundredths of a percent.
    var share: Int
    /// Where the group stands in the policy's text, from 1.
    var line: Int

    /// A person is in or out for good: by a hash of the group's name and the person's id.
    func contains(recipient: String) -> Bool {
        var hash = StableHash()
        hash.combine(name)
        hash.combine(recipient)
        return hash.keyHash.rawValue % 10_000 < UInt64(share)
    }
}
