public import SobreModel

/// A store opened for reading alone: what is committed, also while a server owns the data. It can change nothing.
public protocol StoreReader: MessageHistory, LogStore, PersonHistory, ReceiptHistory {
    /// A page of messages behind one, oldest first, without their data.
    func messages(after id: MessageID, limit: Int) async throws(StoreError) -> [Message]

    /// The newest policy that was put in force; nil when none was.
    func policyInForce() async throws(StoreError) -> (version: Int, text: String)?

    /// Ends the connection; later calls fail with `closed`.
    func close() async
}
