/// What a reload of the settings, providers, templates and the policy came to: the answer to `POST /v1/reload`.
public struct ReloadReport: Sendable, Hashable {
    public enum Outcome: String, Sendable {
        /// Everything that was read is in force, apart from ``restart``.
        case applied
        /// Nothing differs from what is in force.
        case unchanged
        /// A file is invalid. Nothing was changed.
        case refused
    }

    public var outcome: Outcome
    /// What was put in force: `health.failures`, `providers.twilio`, `routes.sms`, `policy`, `templates`.
    public var changed: [String]
    /// The settings whose new values come into force at the next start.
    public var restart: [String]
    /// The invalid files, with the reason of each.
    public var refused: [NodeCondition.RefusedFile]
    /// Templates that cannot be read. Each is held back alone; they do not refuse a reload.
    public var brokenTemplates: [String]
    public var policyVersion: Int

    public init(
        _ outcome: Outcome, changed: [String] = [], restart: [String] = [], refused: [NodeCondition.RefusedFile] = [],
        brokenTemplates: [String] = [], policyVersion: Int = 0
    ) {
        self.outcome = outcome
        self.changed = changed
        self.restart = restart
        self.refused = refused
        self.brokenTemplates = brokenTemplates
        self.policyVersion = policyVersion
    }

    /// Why nothing was changed, a sentence for each invalid file; empty unless it was refused.
    public var refusal: String {
        // A mistake inside a file names its place already.
        refused.map { $0.why.hasPrefix($0.file) ? $0.why : "\($0.file): \($0.why)" }.joined(separator: "\n")
    }
}
