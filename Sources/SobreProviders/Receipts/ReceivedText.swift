public import SobreModel

/// A message of a recipient, as a provider reports it.
public struct ReceivedText: Hashable, Sendable {
    /// The sender's address as the provider writes it.
    public var from: String
    /// What it says, bounded; its kind in brackets when it has no text.
    public var text: String
    /// When it was sent; nil: the provider does not say.
    public var at: Instant?
}
