internal import SobreModel

/// Dates in the formats of email and HTTP.
enum MailDate {
    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// RFC 5322 §3.3, in UTC: `Tue, 01 Jul 2003 10:52:37 +0000`.
    static func text(of instant: Instant) -> String { text(of: instant, zone: "+0000") }

    /// RFC 9110 §5.6.7: `Tue, 01 Jul 2003 10:52:37 GMT`.
    static func httpText(of instant: Instant) -> String { text(of: instant, zone: "GMT") }

    private static func text(of instant: Instant, zone: String) -> String {
        let seconds = Int(instant.milliseconds.floorDivided(by: 1000))
        let days = seconds.floorDivided(by: 86_400)
        let second = seconds - days * 86_400
        let (year, month, day) = Instant.date(daysSinceEpoch: days)
        let weekday = weekdays[(days % 7 + 11) % 7]
        return "\(weekday), \(two(day)) \(months[month - 1]) \(year) "
            + "\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60)) \(zone)"
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }

    /// Parses the HTTP format. Returns nil for anything else.
    static func instant(http text: some StringProtocol) -> Instant? {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", let day = Int(parts[1]), let year = Int(parts[3]),
            let month = months.firstIndex(where: { $0 == parts[2] }), (1...31).contains(day),
            (1970...9999).contains(year)
        else { return nil }
        let time = parts[4].split(separator: ":").compactMap { Int($0) }
        guard time.count == 3, (0...23).contains(time[0]), (0...59).contains(time[1]), (0...60).contains(time[2]) else {
            return nil
        }
        let days = Instant.daysSinceEpoch(year: year, month: month + 1, day: day)
        return Instant(milliseconds: Int64(days * 86_400 + time[0] * 3600 + time[1] * 60 + time[2]) * 1000)
    }
}
