import Files
public import SobreAdmission
public import SobreSettings
public import SobreSimulation
public import SobreStore
import ZoneInfo

/// A policy to simulate, with its name for readers. Without a policy everything is sent.
public struct SimulatedPolicy: Sendable {
    public var name: SimulationReport.PolicyName
    public var policy: Policy?

    /// The command line's word for no policy.
    public static let none = "none"

    /// Reads a policy from a file.
    public init(file path: String) throws {
        let shown = FilePath.forDisplay(path)
        policy = try Policy.parse(text: TextFile.readText(path, atMost: 1 << 20), file: shown, zones: .system)
        name = SimulationReport.PolicyName(name: shown)
    }

    private init(name: SimulationReport.PolicyName, policy: Policy?) {
        self.name = name
        self.policy = policy
    }

    /// The policy to compare with: a file, `none`, or without a word the one in force. If no policy is in force, it is
    /// the configured file.
    public static func against(_ word: String?, settings: Settings, history: (any StoreReader)?) async throws
        -> SimulatedPolicy
    {
        if word == Self.none { return SimulatedPolicy(name: .init(name: Self.none), policy: nil) }
        if let word { return try SimulatedPolicy(file: FilePath.resolve(word, from: FilePath.working)) }
        if let history, let (version, text) = try await history.policyInForce() {
            let policy = try Policy.parse(text: text, file: "policy version \(version)", zones: .system)
            return SimulatedPolicy(
                name: .init(name: "policy in force", version: version), policy: policy.with(version: version))
        }
        return try SimulatedPolicy(file: settings.paths.policy)
    }
}
