public import SobreModel

/// Reading back what was asked for.
public protocol MessageHistory: Sendable {
    /// A message as it was accepted; nil when there is none, or it is kept no more.
    func message(_ id: MessageID) async throws(StoreError) -> Message?
}
