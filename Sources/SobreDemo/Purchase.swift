public import SobreModel

/// One purchase of the demonstration's data.
public struct Purchase: Sendable, Hashable {
    public var customer: String
    /// The number of the purchase among the customer's, from 1.
    public var number: Int
    public var at: Instant
    public var cds: Int
    public var cents: Int

    public var orderID: String { "\(customer)-\(number)" }
}

public struct PurchaseFileError: Error, CustomStringConvertible {
    public let description: String
}

extension Purchase {
    /// Reads purchases in any of three formats, detected line by line. `#` begins a comment.
    ///
    /// - `Config/demo/purchases.txt`: one line per customer, `id yymmdd:CDs:cents …`
    /// - CDNOW's master file: one line per purchase, `id yyyymmdd CDs dollars`
    /// - CDNOW's 1/10 sample: the same, with the id in the sample as second column, which is ignored
    ///
    /// The data has dates only. The time of day, between 9 and 21 h UTC, is derived from the order's id, so every run
    /// is the same.
    public static func read(_ text: String) throws(PurchaseFileError) -> [Purchase] {
        var reader = PurchaseReader()
        var number = 0
        for line in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            try reader.read(line: line, number: number)
        }
        return reader.purchases.sorted { ($0.at, $0.customer, $0.number) < ($1.at, $1.customer, $1.number) }
    }
}
