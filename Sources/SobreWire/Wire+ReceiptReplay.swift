public import JSON
import SobreModel
public import SobreStore

extension Wire {
    /// The parameters of `GET /v1/receipts` and `POST /v1/receipt-replays` that say which receipts are meant.
    public static let receiptFilterKeys = ["message", "id", "provider", "since", "until", "unmatched"]

    /// The parameters of a query for a filter. Those that are not set are left out.
    ///
    /// - Parameter filter: which receipts.
    /// - Returns: the names and the values, not encoded.
    public static func parameters(of filter: ReceiptFilter) -> [(name: String, value: String)] {
        var parameters: [(name: String, value: String)] = []
        if let message = filter.message { parameters.append(("message", message.description)) }
        if !filter.ids.isEmpty { parameters.append(("id", filter.ids.map { "\($0)" }.joined(separator: ","))) }
        if let provider = filter.provider { parameters.append(("provider", provider)) }
        if let since = filter.since { parameters.append(("since", since.rfc3339)) }
        if let until = filter.until { parameters.append(("until", until.rfc3339)) }
        if filter.isUnmatched { parameters.append(("unmatched", "true")) }
        return parameters
    }

    /// Writes what became of a part of a replay.
    ///
    /// - Parameters:
    ///   - replay: the counts.
    ///   - matching: how many receipts match in all; nil: not asked.
    ///   - isDryRun: whether nothing was changed.
    ///   - writer: receives an object.
    public static func write(
        _ replay: ReceiptReplay, matching: Int?, isDryRun: Bool, to writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.key("dry_run")
            writer.value(isDryRun)
            if let matching {
                writer.key("matching")
                writer.value(matching)
            }
            for (name, count) in [
                ("examined", replay.examined), ("applied", replay.applied), ("unchanged", replay.unchanged),
                ("unmatched", replay.unmatched),
            ] {
                writer.key(name)
                writer.value(count)
            }
            if let last = replay.last {
                writer.key("next_after")
                writer.value(last)
            }
        }
    }

    /// Reads what ``write(_:matching:isDryRun:to:)`` wrote; nil if `ref` is something else.
    public static func readReplay(_ ref: JSONRef) -> (replay: ReceiptReplay, matching: Int?)? {
        guard let examined = ref["examined"]?.int, let applied = ref["applied"]?.int,
            let unchanged = ref["unchanged"]?.int, let unmatched = ref["unmatched"]?.int
        else { return nil }
        var replay = ReceiptReplay()
        replay.examined = examined
        replay.applied = applied
        replay.unchanged = unchanged
        replay.unmatched = unmatched
        replay.last = ref["next_after"]?.int.map { Int64($0) }
        return (replay, ref["matching"]?.int)
    }
}
