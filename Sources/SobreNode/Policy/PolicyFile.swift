import Files
public import SobreAdmission
public import SobreSettings
import ZoneInfo

/// The policy's file as it is now: its text, and what it says.
public struct PolicyFile: Sendable {
    /// The largest file that is read, in bytes.
    static let maxBytes = 1 << 20

    public let text: String
    /// Without a version.
    public let policy: Policy

    /// Reads the policy that the settings name.
    ///
    /// - Parameter settings: names the file.
    /// - Throws: `FileError` when it cannot be read, `YAMLError` when it cannot be put in force, with the place.
    public init(_ settings: Settings) throws {
        try self.init(text: Self.text(of: settings), settings)
    }

    /// A policy that was read already.
    init(text: String, policy: Policy) {
        self.text = text
        self.policy = policy
    }

    init(text: String, _ settings: Settings) throws {
        self.text = text
        policy = try Policy.load(text: text, file: FilePath.forDisplay(settings.paths.policy), zones: .system)
    }

    static func text(of settings: Settings) throws -> String {
        try TextFile.readText(settings.paths.policy, atMost: maxBytes)
    }

    /// Why it may not take the place of the policy in force.
    ///
    /// - Parameter inForce: the newest policy of the store; nil: there is none yet. One that this program cannot read is
    ///   not compared with.
    /// - Returns: nil: it may.
    public func objection(replacing inForce: (version: Int, text: String)?) -> PolicyObjection? {
        guard let inForce, inForce.text != text,
            let old = try? Policy.parse(text: inForce.text, file: "policy version \(inForce.version)", zones: .system)
        else { return nil }
        return policy.objection(text: text, replacing: old.with(version: inForce.version), text: inForce.text)
    }
}
