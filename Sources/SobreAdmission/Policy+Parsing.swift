import SobreModel
public import YAMLDocument
public import ZoneInfo

extension Policy {
    /// Parses a policy.
    ///
    /// - Parameters:
    ///   - text: the policy in YAML; all keys are described in `Config/policy.yaml`.
    ///   - file: the file name for errors.
    ///   - zones: the time zones that names may refer to.
    /// - Returns: the policy, with version 0.
    /// - Throws: ``YAMLError`` with the place, the line and what would be right. Unknown keys, categories, rules and
    ///   zones are errors.
    public static func parse(
        text: String, file: String = "policy.yaml", zones: ZoneCatalogue = .system
    ) throws(YAMLError) -> Policy {
        let document = try YAMLDocument.parse(text: text, file: file)
        var reader = PolicyReader(zones: zones)
        return Policy(rules: try reader.read(document.root.mapping()), zones: zones)
    }
}
