import SobreModel
public import YAMLDocument
public import ZoneInfo

extension Policy {
    /// Reads a policy that is to be put in force.
    ///
    /// As ``parse(text:file:zones:)``, and it refuses a text that cannot be meant as a whole policy: an empty one, and one
    /// that names no categories. `categories: {}` says that the built-in ones are meant.
    ///
    /// - Parameters:
    ///   - text: the policy in YAML.
    ///   - file: its name, for errors.
    ///   - zones: where time zones are looked up.
    /// - Returns: the policy, with version 0.
    /// - Throws: ``YAMLError`` with the place and what would be right.
    public static func load(
        text: String, file: String = "policy.yaml", zones: ZoneCatalogue = .system
    ) throws(YAMLError) -> Policy {
        let root = try YAMLDocument.parse(text: text, file: file).root
        var keys: [String] = []
        if !root.isNull { keys = try root.mapping().keys }
        guard !keys.isEmpty else {
            throw root.error(
                "the policy is empty", help: "restore the file; a policy without any rule is written as categories: {}")
        }
        let policy = try parse(text: text, file: file, zones: zones)
        guard keys.contains("categories") else {
            throw root.error(
                "the policy names no categories, so it may have been cut",
                help: "add the categories, or \"categories: {}\" for the built-in marketing and transactional")
        }
        return policy
    }
}
