public import SobreModel

/// Reads the receipts that providers reported.
public protocol ReceiptHistory: Sendable {
    /// The newest receipts, or those of one message.
    func receipts(of message: MessageID?, limit: Int) async throws(StoreError) -> [ReceiptRow]

    /// The number of stored receipts by standing.
    func receiptTotals() async throws(StoreError) -> [ReceiptRow.Standing: Int]
}
