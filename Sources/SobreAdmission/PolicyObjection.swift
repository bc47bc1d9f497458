/// Why a policy may not take the place of another one.
public struct PolicyObjection: Error, Hashable, Sendable, CustomStringConvertible {
    /// What the policy would loosen or lose, each as a clause such as `the caps are gone`.
    public let reasons: [String]
    /// The version in whose place it would come.
    public let version: Int

    public var description: String {
        "The policy is not put in force in the place of version \(version): \(reasons.joined(separator: "; ")). "
            + "If this is meant, add \"loosens: \(version)\" to it, else restore the file."
    }
}
