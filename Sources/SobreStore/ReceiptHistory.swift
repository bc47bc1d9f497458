public import SobreModel

/// Reads the receipts that providers reported.
public protocol ReceiptHistory: Sendable {
    /// The newest receipts that match, newest first; with a number those that arrived before that receipt.
    func receipts(
        matching filter: ReceiptFilter, before id: Int64?, limit: Int
    ) async throws(StoreError) -> [ReceiptRow]

    /// The number of receipts that match.
    func receiptCount(matching filter: ReceiptFilter) async throws(StoreError) -> Int

    /// The number of stored receipts by standing.
    func receiptTotals() async throws(StoreError) -> [ReceiptRow.Standing: Int]
}

extension ReceiptHistory {
    /// The newest receipts that match.
    public func receipts(matching filter: ReceiptFilter, limit: Int) async throws(StoreError) -> [ReceiptRow] {
        try await receipts(matching: filter, before: nil, limit: limit)
    }

    /// The newest receipts, or those of one message.
    public func receipts(of message: MessageID?, limit: Int) async throws(StoreError) -> [ReceiptRow] {
        try await receipts(matching: ReceiptFilter(message: message), limit: limit)
    }
}
