import SobreModel

/// One purchase of the demonstration's data.
struct Purchase: Sendable, Hashable {
    var customer: String
    /// Counts a customer's purchases from 1.
    var number: Int
    var at: Instant
    var cds: Int
    var cents: Int

    var orderID: String { "\(customer)-\(number)" }
}

struct PurchaseFileError: Error, CustomStringConvertible {
    let description: String
}

extension Purchase {
    /// Reads `Config/demo/purchases.txt`: a line a customer, `id yymmdd:CDs:cents …`; `#` begins a comment.
    ///
    /// The data has dates only; the time of day, between 9 and 21 h UTC, is made of the order's id, so that every run is
    /// the same.
    static func read(_ text: String) throws(PurchaseFileError) -> [Purchase] {
        var purchases: [Purchase] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = line.split(separator: " ")
            guard let customer = words.first, !customer.hasPrefix("#") else { continue }
            for (number, word) in words.dropFirst().enumerated() {
                let parts = word.split(separator: ":")
                guard parts.count == 3, let date = Int(parts[0]), let cds = Int(parts[1]), let cents = Int(parts[2]),
                    (970101...981231).contains(date)
                else {
                    throw PurchaseFileError(
                        description:
                            "purchases, line \(index + 1): '\(word)' is not a purchase; write yymmdd:CDs:cents.")
                }
                let days = Instant.daysSinceEpoch(year: 1900 + date / 10_000, month: date / 100 % 100, day: date % 100)
                let id = "\(customer)-\(number + 1)"
                let minutes = 9 * 60 + Int(Symbol(id).rawValue % 720)
                let at = Instant(milliseconds: (Int64(days) * 1440 + Int64(minutes)) * 60_000)
                purchases.append(
                    Purchase(customer: String(customer), number: number + 1, at: at, cds: cds, cents: cents))
            }
        }
        return purchases.sorted { ($0.at, $0.customer, $0.number) < ($1.at, $1.customer, $1.number) }
    }
}
