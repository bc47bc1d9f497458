/// Who makes a change, and why, for the log and the audit trail.
///
/// The API sets it for the caller of a request, and a command for its user. What Sobre does by itself, such as a
/// suppression after a bounce, has no author.
public struct Author: Hashable, Sendable {
    /// `key:` and the ID of an API key, `command:` and the name of a user, or another name of a caller.
    public var name: String
    /// The reason in the author's own words, or empty.
    public var note: String

    public init(name: String, note: String = "") {
        self.name = name
        self.note = note
    }

    /// The author of a policy that came into force because its file was changed.
    public static let policyFile = Author(name: "policy file")

    /// The author of the changes that the current task makes; nil for changes that nobody ordered.
    @TaskLocal public static var current: Author?

    /// For the log: `by key:k_12ab34cd56: wrong prices`.
    public var words: String { "by \(name)" + (note.isEmpty ? "" : ": \(note)") }
}
