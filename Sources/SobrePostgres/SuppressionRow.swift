import Postgres
import SobreModel
import SobreStore

/// The columns of a suppression. Channel 0 and category '' mean all.
enum SuppressionRow {
    static let list = "subject, channel, category, reason, label, source, at, evidence"

    static func read(_ row: ResultRow) throws -> Suppression {
        let subject = try row.int(0)
        let category = try row.text(2)
        guard let reason = Suppression.Reason(rawValue: try row.text(3)) else {
            throw StoreError.unreadable("the reason \(try row.text(3))", in: "suppression.reason", of: subject)
        }
        return Suppression(
            subject: KeyHash(stored: subject), label: try row.text(4), reason: reason,
            channel: try row.channelOrAll(1, in: "suppression.channel", of: subject),
            category: category.isEmpty ? nil : category, source: try row.text(5),
            at: Instant(milliseconds: try row.int(6)), evidence: try row.optionalText(7))
    }
}

extension ResultRow {
    /// Reads a channel; 0 stands for all.
    func channelOrAll(_ column: Int, in place: StaticString, of id: Int64) throws -> Channel? {
        try int(column) == 0 ? nil : try value(column, in: place, of: id)
    }
}

extension Channel? {
    /// How a column for a channel or all of them stores it.
    var stored: Int64 { map { Int64($0.rawValue) } ?? 0 }
}
