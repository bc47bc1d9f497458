public import SobreModel

extension Suppression {
    /// What stands in place of a subject's label once the recipient is erased.
    ///
    /// - Parameter subject: the key hash.
    /// - Returns: a text without a name or an address.
    public static func erasedLabel(_ subject: KeyHash) -> String { "erased-\(String(subject.rawValue, radix: 16))" }

    /// The suppression without words that may identify somebody who was erased.
    public var erasedText: Suppression {
        var copy = self
        copy.label = Self.erasedLabel(subject)
        copy.source = ""
        copy.evidence = nil
        return copy
    }
}
