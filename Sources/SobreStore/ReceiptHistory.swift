public import SobreModel

/// Reading back what providers reported.
public protocol ReceiptHistory: Sendable {
    /// The newest receipts, or those of one message.
    func receipts(of message: MessageID?, limit: Int) async throws(StoreError) -> [ReceiptRow]

    /// How many receipts are kept, by standing.
    func receiptTotals() async throws(StoreError) -> [ReceiptRow.Standing: Int]
}
