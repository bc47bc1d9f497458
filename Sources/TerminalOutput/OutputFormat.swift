/// How a command writes its result.
public enum OutputFormat: String, CaseIterable, Sendable {
    /// For people: tables and sentences.
    case text
    /// For programs: one JSON value, or one JSON object per line where results come one by one.
    case json
}
