public import JSON
public import SobreModel
public import SobreStore

extension Wire {
    /// Writes one receipt of the inbox.
    public static func write(_ row: ReceiptRow, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("id")
            writer.value(row.id)
            writer.key("received_at")
            writer.value(row.receivedAt.rfc3339)
            writer.key("standing")
            writer.value(row.standing.description)
            writer.member("note", ifPresent: row.note.nonEmpty)
            writer.key("provider")
            writer.value(row.receipt.provider)
            writer.member("event_id", ifPresent: row.receipt.eventID)
            writer.member("reference", ifPresent: row.receipt.delivery?.description)
            writer.member("provider_id", ifPresent: row.receipt.providerID)
            writer.key("kind")
            writer.value(row.receipt.kind.description)
            writer.key("at")
            writer.value(row.receipt.at.rfc3339)
            writer.member("detail", ifPresent: row.receipt.detail.nonEmpty)
            writer.key("signed")
            writer.value(row.receipt.isSigned)
        }
    }

    /// Writes the members of the inbox overview.
    public static func writeReceipts(
        _ rows: [ReceiptRow], totals: [ReceiptRow.Standing: Int], rejected: [(reason: String, count: Int)],
        next: Int64? = nil, to writer: inout JSONWriter
    ) {
        writer.key("totals")
        writer.object { writer in
            for standing in ReceiptRow.Standing.allCases {
                writer.key(standing.description)
                writer.value(totals[standing] ?? 0)
            }
        }
        writer.key("rejected")
        writer.object { writer in
            for item in rejected {
                writer.key(item.reason)
                writer.value(item.count)
            }
        }
        writer.key("receipts")
        writer.array { writer in for row in rows { write(row, to: &writer) } }
        if let next {
            writer.key("next_before")
            writer.value(next)
        }
    }

    /// Reads the number of rejected receipts by reason from the inbox overview; nil if `ref` is not one.
    public static func readRejected(_ ref: JSONRef) -> [(reason: String, count: Int)]? {
        ref["rejected"]?.members.compactMap { member in
            guard let reason = member.key.string, let count = member.value.int else { return nil }
            return (reason, count)
        }
    }
}
