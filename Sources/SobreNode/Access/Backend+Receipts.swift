import Logging
import SobreClient
import SobreDispatch
import SobreModel
import SobreSettings
public import SobreStore

extension Backend {
    /// Applies one part of the inbox once more.
    ///
    /// - Parameters:
    ///   - filter: which receipts.
    ///   - id: only those that arrived after the one with this number; nil: the first part.
    ///   - isDryRun: whether nothing is changed.
    ///   - access: the settings and the policy.
    /// - Returns: the counts, and with the first part how many receipts match in all.
    /// - Throws: an error of the client, of the store or of the policy's file.
    public func replay(
        _ filter: ReceiptFilter, after id: Int64?, isDryRun: Bool, through access: StoreAccess
    ) async throws -> (replay: ReceiptReplay, matching: Int?) {
        switch self {
        case .server(let client): return try await client.replay(filter, after: id, isDryRun: isDryRun)
        case .store(let store, _):
            let policy = PolicyInForce(try access.settings.readPolicy())
            let processor = ReceiptProcessor(
                store: store, policy: .production(policy), limits: access.settings.receipts, time: SystemTime(),
                logger: Logger(label: "sobre"))
            let matching = id == nil ? try await store.receiptCount(matching: filter) : nil
            return (try await processor.replay(filter, after: id ?? 0, isDryRun: isDryRun), matching)
        }
    }
}
