internal import Text

/// A token in use.
struct IssuedToken: Sendable, Redacted {
    let text: String
    /// The number of tokens that its keeper has had.
    let generation: Int
}
