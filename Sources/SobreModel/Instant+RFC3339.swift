extension Instant {
    /// Days since 1970-01-01 of a date in the proleptic Gregorian calendar (Howard Hinnant's `days_from_civil`).
    public static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int {
        let y = month <= 2 ? year - 1 : year
        let era = (y >= 0 ? y : y - 399) / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The date of a day number; the inverse of ``daysSinceEpoch(year:month:day:)``.
    public static func date(daysSinceEpoch days: Int) -> (year: Int, month: Int, day: Int) {
        let z = days + 719_468
        let era = (z >= 0 ? z : z - 146_096) / 146_097
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }

    /// Parses an RFC 3339 timestamp such as `1997-01-01T09:00:00Z` or `2026-03-29T02:30:00.250+01:00`.
    ///
    /// Returns nil for anything else, including dates that do not exist. Digits beyond milliseconds are ignored.
    public init?(rfc3339 text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes.count <= 40 else { return nil }
        func number(_ from: Int, _ count: Int) -> Int? {
            guard from + count <= bytes.count else { return nil }
            var value = 0
            for byte in bytes[from..<(from + count)] {
                guard byte >= 48, byte <= 57 else { return nil }
                value = value * 10 + Int(byte - 48)
            }
            return value
        }
        func at(_ index: Int, _ expected: Unicode.Scalar) -> Bool {
            let byte = UInt8(ascii: expected)
            // `t` and `z` may be lower case. The other separators already have this bit set.
            return index < bytes.count && (bytes[index] == byte || bytes[index] == byte | 0x20)
        }
        guard let year = number(0, 4), at(4, "-"), let month = number(5, 2), at(7, "-"), let day = number(8, 2),
            at(10, "T"), let hour = number(11, 2), at(13, ":"), let minute = number(14, 2), at(16, ":"),
            let second = number(17, 2), (1...12).contains(month), hour < 24, minute < 60, second < 60
        else { return nil }
        let days = Self.daysSinceEpoch(year: year, month: month, day: day)
        guard day >= 1, Self.date(daysSinceEpoch: days) == (year, month, day) else { return nil }
        var index = 19
        var fraction = 0
        if at(index, ".") {
            index += 1
            let start = index
            while index < bytes.count, bytes[index] >= 48, bytes[index] <= 57 {
                if index - start < 3 { fraction = fraction * 10 + Int(bytes[index] - 48) }
                index += 1
            }
            guard index > start else { return nil }
            for _ in min(index - start, 3)..<3 { fraction *= 10 }
        }
        var offsetMinutes = 0
        if at(index, "Z") {
            index += 1
        } else if index < bytes.count, bytes[index] == 43 || bytes[index] == 45 {
            guard let hours = number(index + 1, 2), bytes.count > index + 3, bytes[index + 3] == 58,
                let minutes = number(index + 4, 2), hours < 24, minutes < 60
            else { return nil }
            offsetMinutes = (hours * 60 + minutes) * (bytes[index] == 45 ? -1 : 1)
            index += 6
        } else {
            return nil
        }
        guard index == bytes.count else { return nil }
        let seconds = Int64(days) * 86_400 + Int64(hour * 3600 + minute * 60 + second) - Int64(offsetMinutes * 60)
        self.init(milliseconds: seconds * 1000 + Int64(fraction))
    }

    /// The instant in UTC as RFC 3339. Milliseconds are written only when they are not zero.
    public var rfc3339: String {
        let secondsSinceEpoch = Int(milliseconds.floorDivided(by: 1000))
        let fraction = Int(milliseconds - Int64(secondsSinceEpoch) * 1000)
        let days = secondsSinceEpoch.floorDivided(by: 86_400)
        let (year, month, day) = Self.date(daysSinceEpoch: days)
        let second = secondsSinceEpoch - days * 86_400
        guard (0...9999).contains(year) else {
            var text = "\(Self.pad(year, 4))-\(Self.pad(month, 2))-\(Self.pad(day, 2))T"
            text += "\(Self.pad(second / 3600, 2)):\(Self.pad(second / 60 % 60, 2)):\(Self.pad(second % 60, 2))"
            if fraction != 0 { text += ".\(Self.pad(fraction, 3))" }
            return text + "Z"
        }
        // An explanation holds many instants, so the usual ones are written without intermediate texts.
        return String(unsafeUninitializedCapacity: Self.longest) { bytes in
            var end = 0
            func write(_ value: Int, _ width: Int, then mark: UInt8) {
                var rest = value
                for place in (0..<width).reversed() {
                    bytes[end + place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                    rest /= 10
                }
                bytes[end + width] = mark
                end += width + 1
            }
            write(year, 4, then: UInt8(ascii: "-"))
            write(month, 2, then: UInt8(ascii: "-"))
            write(day, 2, then: UInt8(ascii: "T"))
            write(second / 3600, 2, then: UInt8(ascii: ":"))
            write(second / 60 % 60, 2, then: UInt8(ascii: ":"))
            write(second % 60, 2, then: fraction == 0 ? UInt8(ascii: "Z") : UInt8(ascii: "."))
            if fraction != 0 { write(fraction, 3, then: UInt8(ascii: "Z")) }
            return end
        }
    }

    /// The bytes of `1997-01-01T09:00:00.250Z`.
    private static let longest = 24

    static func pad(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}

extension BinaryInteger {
    /// The quotient rounded towards minus infinity, as needed for dates before 1970.
    public func floorDivided(by divisor: Self) -> Self {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder != 0 && (remainder < 0) != (divisor < 0) ? quotient - 1 : quotient
    }
}

extension Instant: CustomStringConvertible {
    public var description: String { rfc3339 }
}
