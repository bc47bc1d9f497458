import SobreModel
import SobreStore

extension QueryReader {
    /// The most numbers of receipts in one request.
    private static let maxReceiptIDs = 100

    /// Which receipts of the inbox are meant.
    func receiptFilter() throws(Problem) -> ReceiptFilter {
        var filter = ReceiptFilter(
            provider: try text("provider", atMost: 64), since: try instant("since"), until: try instant("until"),
            isUnmatched: try flag("unmatched"))
        if let text = text("message") {
            guard let id = MessageID(text) else {
                throw Self.problem("message", "\"message\" is not an id.", "the 13 characters of an id")
            }
            filter.message = id
        }
        for part in list("id") {
            guard let id = Int64(part), id > 0, filter.ids.count < Self.maxReceiptIDs else {
                throw Self.problem(
                    "id", "\"id\" is not a list of numbers of receipts.",
                    "at most \(Self.maxReceiptIDs) values of \"id\" in GET /v1/receipts, with commas between them")
            }
            filter.ids.append(id)
        }
        return filter
    }
}
