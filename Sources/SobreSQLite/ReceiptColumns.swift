import SobreModel
import SobreStore

/// The columns of a receipt.
enum ReceiptColumns {
    static let list = """
        receipt.id, receipt.standing, receipt.received_at, receipt.note, receipt.provider, receipt.event_id, \
        receipt.delivery, receipt.provider_id, receipt.kind, receipt.at, receipt.detail, receipt.signed, \
        receipt.address, receipt.is_part
        """

    /// Returns nil for a kind that a newer version has written.
    static func read(_ row: Statement) -> ReceiptRow? {
        guard let kind = Receipt.Kind(rawValue: UInt8(truncatingIfNeeded: row.int(8))),
            let standing = ReceiptRow.Standing(rawValue: UInt8(truncatingIfNeeded: row.int(1)))
        else { return nil }
        let receipt = Receipt(
            provider: row.string(4), eventID: row.optionalString(5),
            delivery: row.optionalInt(6).map { DeliveryID(rawValue: $0) }, providerID: row.optionalString(7),
            kind: kind,
            at: Instant(milliseconds: row.int(9)), detail: row.string(10), isSigned: row.int(11) != 0,
            address: row.optionalInt(12).map { KeyHash(stored: $0) }, isOneOfSeveral: row.int(13) != 0)
        return ReceiptRow(
            id: row.int(0), receivedAt: Instant(milliseconds: row.int(2)), receipt: receipt, standing: standing,
            note: row.string(3))
    }

    /// The hash that identifies a receipt: of the provider's event ID or, without one, of everything in the receipt
    /// except its text.
    static func eventKey(_ receipt: Receipt) -> Int64 {
        let text: String
        if let eventID = receipt.eventID {
            text = "\(receipt.provider)\n\(eventID)"
        } else {
            let subject = receipt.delivery?.description ?? receipt.providerID ?? ""
            text = "\(receipt.provider)\n\(subject)\n\(receipt.kind.rawValue)\n\(receipt.at.milliseconds)\n"
        }
        return Int64(bitPattern: fastHash64(text))
    }

    /// Compares the receipts themselves, because hashes can collide.
    static func isRepetition(_ a: Receipt, of b: Receipt) -> Bool {
        guard a.provider == b.provider else { return false }
        // Of an anonymous receipt only its kind and the hash remain.
        if b.eventID == nil, b.delivery == nil, b.providerID == nil { return a.kind == b.kind }
        guard a.eventID == b.eventID else { return false }
        if a.eventID != nil { return true }
        return a.delivery == b.delivery && a.providerID == b.providerID && a.kind == b.kind && a.at == b.at
    }

    /// The name in `meta` of the counter for receipts of a standing.
    static func counter(_ standing: ReceiptRow.Standing) -> String { "receipts_\(standing)" }

    static func hash(providerID: String) -> Int64 { Int64(bitPattern: fastHash64(providerID)) }
}
