import SobreModel

/// Reads the lines of a file of purchases. See ``Purchase/read(_:)`` for the formats.
struct PurchaseReader {
    private(set) var purchases: [Purchase] = []
    /// The number of purchases so far, by customer.
    private var counts: [String: Int] = [:]

    mutating func read(line: Substring.UTF8View, number: Int) throws(PurchaseFileError) {
        let words = line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\r") }
        guard let first = words.first, first.first != UInt8(ascii: "#") else { return }
        let customer = String(Substring(first))
        let rest = words.dropFirst()
        if rest.allSatisfy({ $0.contains(UInt8(ascii: ":")) }) {
            for word in rest { try read(compact: word, of: customer, line: number) }
            return
        }
        guard words.count == 4 || words.count == 5 else {
            throw PurchaseFileError(
                description: "purchases, line \(number): a purchase has four columns (id, yyyymmdd, CDs, dollars), "
                    + "or five with the id in the sample in second place; this line has \(words.count).")
        }
        let columns = Array(words.suffix(3))
        guard let date = Int(Substring(columns[0])), let cds = Int(Substring(columns[1])), cds >= 0,
            let cents = Self.cents(columns[2])
        else {
            throw PurchaseFileError(
                description: "purchases, line \(number): '\(Substring(line))' is not a purchase; "
                    + "write id, yyyymmdd, CDs, dollars.")
        }
        try add(customer, yearMonthDay: date, cds: cds, cents: cents, line: number)
    }

    private mutating func read(
        compact word: Substring.UTF8View, of customer: String, line: Int
    ) throws(PurchaseFileError) {
        let parts = word.split(separator: UInt8(ascii: ":"))
        guard parts.count == 3, let date = Int(Substring(parts[0])), let cds = Int(Substring(parts[1])),
            let cents = Int(Substring(parts[2])), (970_101...981_231).contains(date)
        else {
            throw PurchaseFileError(
                description: "purchases, line \(line): '\(Substring(word))' is not a purchase; write yymmdd:CDs:cents.")
        }
        try add(customer, yearMonthDay: 19_000_000 + date, cds: cds, cents: cents, line: line)
    }

    private mutating func add(
        _ customer: String, yearMonthDay date: Int, cds: Int, cents: Int, line: Int
    ) throws(PurchaseFileError) {
        let (year, month, day) = (date / 10_000, date / 100 % 100, date % 100)
        let days = Instant.daysSinceEpoch(year: year, month: month, day: day)
        guard (1970...2100).contains(year), (1...12).contains(month), day >= 1,
            Instant.date(daysSinceEpoch: days) == (year, month, day)
        else { throw PurchaseFileError(description: "purchases, line \(line): \(date) is not a date.") }
        let count = counts[customer, default: 0] + 1
        counts[customer] = count
        let minutes = 9 * 60 + Int(KeyHash("\(customer)-\(count)").rawValue % 720)
        let at = Instant(milliseconds: (Int64(days) * 1440 + Int64(minutes)) * 60_000)
        purchases.append(Purchase(customer: customer, number: count, at: at, cds: cds, cents: cents))
    }

    /// Parses dollars with at most two decimal places into cents.
    private static func cents(_ text: Substring.UTF8View) -> Int? {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let dollars = Int(Substring(parts[0])),
            (0..<1_000_000_000).contains(dollars)
        else { return nil }
        guard parts.count == 2 else { return dollars * 100 }
        guard (1...2).contains(parts[1].count), let fraction = Int(Substring(parts[1])), fraction >= 0 else {
            return nil
        }
        return dollars * 100 + (parts[1].count == 1 ? fraction * 10 : fraction)
    }
}
