import JSON
import Signing
public import SobreModel
import Text

/// The version of a stored profile: a digest of its document. Whoever reads the same version has read the same document.
public struct ProfileVersion: Sendable, Hashable, CustomStringConvertible {
    /// 32 hexadecimal digits.
    public let description: String

    /// The version of a profile as it is stored.
    public init(_ profile: Profile) {
        var writer = JSONWriter()
        ProfileDocument.write(profile, to: &writer)
        self.init(document: writer.bytes)
    }

    /// The version of a profile's document, as ``ProfileDocument`` writes it.
    public init(document bytes: [UInt8]) { description = Hex.encode(Array(Digest.sha256(bytes).prefix(16))) }
}

/// What a change of a profile requires of the stored one.
public enum ProfileCondition: Sendable, Hashable {
    /// Nothing.
    case none
    /// That there is one.
    case exists
    /// That it has one of these versions.
    case versions(Set<String>)

    /// What is wrong with the stored profile; nil if nothing is.
    func problem(with profile: Profile) -> IntakeProblem? {
        guard case .versions(let versions) = self, !versions.contains(ProfileVersion(profile).description) else {
            return nil
        }
        return .changedMeanwhile
    }
}

extension IntakeProblem {
    static let changedMeanwhile = IntakeProblem(
        .preconditionFailed, message: "The profile is another version than the request names.",
        expected: "the ETag of the profile as it is now; read it again and repeat the change")
    static let notThere = IntakeProblem(
        .preconditionFailed, message: "There is no such profile to be replaced.",
        expected: "the id of a stored profile, or a request without If-Match to make one")
}
