public import SobreModel

/// A store that is opened for reading only. It reads committed data, also while a server owns the store.
public protocol StoreReader: MessageHistory, LogStore, PersonHistory, ReceiptHistory, InboundHistory, PauseList,
    StateStore, AuditHistory, EventSubscriptionList, SourceHistory
{
    /// A page of messages after the given one, oldest first, without their template data.
    func messages(after id: MessageID, limit: Int) async throws(StoreError) -> [Message]

    /// The newest registered policy, or nil when there is none.
    func policyInForce() async throws(StoreError) -> (version: Int, text: String)?

    /// Closes the connection. Later calls fail with `closed`.
    func close() async
}
