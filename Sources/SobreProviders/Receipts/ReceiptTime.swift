internal import SobreModel

/// The forms of time in receipts.
enum ReceiptTime {
    /// Seconds or milliseconds since 1970, or RFC 3339.
    static func instant(_ text: String) -> Instant? {
        if let number = Double(text) {
            guard number > 0, number < 1e14 else { return nil }
            // Seconds reach this number in the year 5138; milliseconds had it in 1973.
            return Instant(milliseconds: Int64(number < 1e11 ? number * 1000 : number))
        }
        // Some leave out the zone, which is then UTC, or write a space before the time.
        let joined = text.replacing(" ", with: "T")
        return Instant(rfc3339: joined) ?? Instant(rfc3339: joined + "Z")
    }
}
