public import SobreModel

/// Reads accepted messages.
public protocol MessageHistory: Sendable {
    /// A message as it was accepted. Nil when it does not exist or is no longer kept.
    func message(_ id: MessageID) async throws(StoreError) -> Message?
}
