import SobreModel
public import YAMLDocument
public import ZoneInfo

extension Policy {
    /// Reads a policy.
    ///
    /// - Parameters:
    ///   - text: the policy in YAML; every key is described in `Config/policy.yaml`.
    ///   - file: its name, for errors.
    ///   - zones: where time zones are looked up.
    /// - Returns: the policy, with version 0.
    /// - Throws: ``YAMLError`` with the place, the line and what would be right. Nothing is guessed: a key, category, rule
    ///   or zone that is not known is an error.
    public static func parse(
        text: String, file: String = "policy.yaml", zones: ZoneCatalogue = .system
    ) throws(YAMLError) -> Policy {
        let document = try YAMLDocument.parse(text: text, file: file)
        var reader = PolicyReader(zones: zones)
        return Policy(rules: try reader.read(document.root.mapping()), zones: zones)
    }
}
