import Logging
import SobreModel
import SobreSettings
import SobreStore

/// Removes rows older than their retention in small batches, so that other writers do not wait.
struct Pruner: Sendable {
    let store: any AdministrationStore
    let retention: Retention
    /// Ledger rows within the policy's longest window are kept, whatever the retention says.
    let policy: PolicyInForce
    let time: any TimeSource
    let logger: Logger

    /// Removes receipts older than `keep`, in small batches.
    func pruneReceipts(store: any ReceiptStore, keep: Duration) async {
        do {
            for _ in 0..<retention.maxRounds where !Task.isCancelled {
                if try await store.pruneReceipts(before: time.now() - keep, limit: retention.batch) == 0 { break }
                await Task.yield()
            }
        } catch { logger.error("old receipts could not be removed", metadata: ["why": "\(error)"]) }
    }

    /// Removes rejected records of sources that are older than `keep`, in small batches.
    func pruneRejects(store: any SourceStore, keep: Duration) async {
        do {
            for _ in 0..<retention.maxRounds where !Task.isCancelled {
                if try await store.pruneRejects(before: time.now() - keep, limit: retention.batch) == 0 { break }
                await Task.yield()
            }
        } catch { logger.error("old rejected records could not be removed", metadata: ["why": "\(error)"]) }
    }

    /// Removes entries of the audit trail that are past their retention, in small batches.
    func pruneAudit(store: any AuditStore) async {
        do {
            for _ in 0..<retention.maxRounds where !Task.isCancelled {
                let removed = try await store.pruneAudit(before: time.now() - retention.audit, limit: retention.batch)
                if removed == 0 { break }
                await Task.yield()
            }
        } catch { logger.error("old entries of the audit trail could not be removed", metadata: ["why": "\(error)"]) }
    }

    func prune() async {
        let now = time.now()
        var removed = 0
        do {
            for _ in 0..<retention.maxRounds {
                let count = try await store.prune(
                    messagesBefore: now - retention.messages, ledgerBefore: now - max(retention.ledger, policy.horizon),
                    idempotencyBefore: now - retention.idempotencyKeys, limit: retention.batch)
                removed += count
                if count < retention.batch || Task.isCancelled { break }
                await Task.yield()
            }
            if removed > 0 { logger.info("old messages removed", metadata: ["count": "\(removed)"]) }
        } catch { logger.error("old messages could not be removed", metadata: ["why": "\(error)"]) }
    }
}
