import HTTPTypes
import Hummingbird
import SobreStore
import SobreWire

/// `/v1/receipt-replays`: applies receipts of the inbox once more.
struct ReceiptReplayRoutes: Sendable {
    let services: APIServices

    func add(administering: RouterGroup<APIContext>) { administering.post("receipt-replays", use: replay) }

    /// Applies one part. The caller repeats the request with `after` set to `next_after` until there is none.
    @Sendable private func replay(_ request: Request, _ context: APIContext) async throws -> Response {
        guard let replay = services.replay else {
            throw Problem(.notImplemented, "no_receipts", "This server does not accept receipts.")
        }
        let query = try QueryReader(request, known: Wire.receiptFilterKeys + ["dry_run", "after"])
        let filter = try query.receiptFilter()
        let isDryRun = try query.flag("dry_run")
        let after = try query.sequence("after")
        let matching = after == nil ? try await services.store.receiptCount(matching: filter) : nil
        let part = try await replay(filter, after ?? 0, isDryRun)
        return .json { Wire.write(part, matching: matching, isDryRun: isDryRun, to: &$0) }
    }
}
