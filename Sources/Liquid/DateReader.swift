/// Reads dates the way Ruby's `Time.parse` does: whatever parts it recognises, the rest from now.
struct DateReader {
    private var year: Int?
    private var month: Int?
    private var day: Int?
    private var hour: Int?
    private var minute = 0
    private var second = 0
    private var nanosecond = 0
    private var offset: Int?
    private var zone = ""
    private var weekday: Int?

    /// The instant that `text` names, or nil. `now` fills in what is missing; `offset` of a zoneless time is looked
    /// up by the caller from `usesLocalZone`.
    static func read(_ text: ByteSlice, now: CivilTime) -> (civil: CivilTime, offset: Int?, zone: String)? {
        guard text.count <= 128 else { return nil }
        // In lower case, with a space at either end. Lives on the stack; nothing keeps it.
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: text.count + 2) { lower in
            lower[0] = 0x20
            lower[text.count + 1] = 0x20
            for at in 0..<text.count {
                let byte = text[at]
                lower[at + 1] = byte &- 0x41 < 26 ? byte | 0x20 : byte
            }
            var reader = DateReader()
            reader.scan(lower)
            return reader.finish(now)
        }
    }

    private typealias Text = UnsafeMutableBufferPointer<UInt8>

    private func finish(_ now: CivilTime) -> (civil: CivilTime, offset: Int?, zone: String)? {
        guard year != nil || month != nil || day != nil || hour != nil || weekday != nil else { return nil }
        var civil = now
        civil.nanosecond = nanosecond
        if let year {
            civil.year = year
            civil.month = month ?? 1
            civil.day = day ?? 1
        } else if let month {
            civil.month = month
            civil.day = day ?? 1
        } else if let day {
            civil.day = day
        } else if let weekday {
            // A day's name alone: that day of this week.
            let shift = weekday - civil.weekday
            let moved = CivilTime(seconds: (civil.dayNumber + shift) * 86400)
            civil.year = moved.year
            civil.month = moved.month
            civil.day = moved.day
        }
        civil.hour = hour ?? 0
        civil.minute = minute
        civil.second = second
        guard civil.isValid else { return nil }
        return (civil, offset, zone)
    }

    // MARK: Scanning

    private mutating func scan(_ text: Text) {
        scanTime(text)
        scanWeekday(text)
        if scanISO(text) || scanNamedMonth(text) || scanSlashes(text) || scanDots(text) { return }
        scanDigits(text)
    }

    private func digits(_ text: Text, _ at: inout Int, _ most: Int) -> Int? {
        var value = 0
        let start = at
        while at < text.count, at - start < most, isDigit(text[at]) {
            value = value * 10 + Int(text[at] - 0x30)
            at += 1
        }
        return at > start ? value : nil
    }

    private func blank(_ text: Text, _ from: Int, _ to: Int) {
        for at in from..<to { text[at] = 0x20 }
    }

    /// `14:30[:15[.5]] [am|pm] [zone]`, or `2pm`.
    private mutating func scanTime(_ text: Text) {
        for start in 1..<text.count where isDigit(text[start]) && !isDigit(text[start - 1]) {
            var at = start
            guard let first = digits(text, &at, 2), at < text.count else { continue }
            var hour = first
            if text[at] == 0x3A {
                at += 1
                guard let value = digits(text, &at, 2) else { continue }
                minute = value
                if at < text.count, text[at] == 0x3A {
                    at += 1
                    if let value = digits(text, &at, 2) { second = value }
                    if at + 1 < text.count, text[at] == 0x2E || text[at] == 0x2C, isDigit(text[at + 1]) {
                        at += 1
                        var scale = 100_000_000
                        while at < text.count, isDigit(text[at]) {
                            nanosecond += Int(text[at] - 0x30) * scale
                            scale /= 10
                            at += 1
                        }
                    }
                }
                _ = meridian(text, &at, &hour)
            } else {
                guard meridian(text, &at, &hour) else { continue }
            }
            self.hour = hour
            scanZone(text, &at)
            // An ISO date and time are joined by a T.
            let from = start > 1 && text[start - 1] == 0x74 && isDigit(text[start - 2]) ? start - 1 : start
            blank(text, from, at)
            return
        }
    }

    private func meridian(_ text: Text, _ at: inout Int, _ hour: inout Int) -> Bool {
        var next = at
        while next < text.count, text[next] == 0x20 { next += 1 }
        guard next < text.count, text[next] == 0x61 || text[next] == 0x70 else { return false }
        let isAfternoon = text[next] == 0x70
        next += 1
        if next < text.count, text[next] == 0x2E { next += 1 }
        guard next < text.count, text[next] == 0x6D else { return false }
        next += 1
        if next < text.count, text[next] == 0x2E { next += 1 }
        guard next >= text.count || !isWord(text[next]) else { return false }
        hour = hour % 12 + (isAfternoon ? 12 : 0)
        at = next
        return true
    }

    private static let zones: [String: Int] = [
        "utc": 0, "gmt": 0, "z": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8,
        "pdt": -7, "cet": 1, "cest": 2, "eet": 2, "eest": 3, "wet": 0, "west": 1, "bst": 1, "ist": 5, "jst": 9,
        "msk": 3, "akst": -9, "akdt": -8, "hst": -10, "aest": 10, "nzst": 12,
    ]

    private mutating func scanZone(_ text: Text, _ at: inout Int) {
        var next = at
        while next < text.count, text[next] == 0x20 { next += 1 }
        guard next < text.count else { return }
        let start = next
        while next < text.count, text[next] &- 0x61 < 26 { next += 1 }
        if next > start {
            let name = String(decoding: text[start..<next], as: UTF8.self)
            guard let hours = DateReader.zones[name] else { return }
            offset = name == "ist" ? 19800 : hours * 3600
            zone = name == "z" ? "UTC" : name.uppercased()
            at = next
            guard name == "utc" || name == "gmt" else { return }
        }
        guard next < text.count, text[next] == 0x2B || text[next] == 0x2D else { return }
        let sign = text[next] == 0x2D ? -1 : 1
        var end = next + 1
        guard let first = digits(text, &end, 2), end - next == 3 || end - next == 2 else { return }
        var minutes = 0
        if end < text.count, text[end] == 0x3A { end += 1 }
        if let value = digits(text, &end, 2) { minutes = value }
        offset = sign * (first * 3600 + minutes * 60)
        zone = ""
        at = end
    }

    private static let weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]

    /// A word that starts with one of `names`; the whole word is taken.
    private func word(_ text: Text, _ names: [String]) -> (index: Int, from: Int, to: Int)? {
        var at = 1
        while at + 2 < text.count {
            if text[at] &- 0x61 < 26, !(text[at - 1] &- 0x61 < 26) {
                let prefix = String(decoding: text[at..<at + 3], as: UTF8.self)
                if let index = names.firstIndex(of: prefix) {
                    var end = at + 3
                    while end < text.count, text[end] &- 0x61 < 26 { end += 1 }
                    return (index, at, end)
                }
            }
            at += 1
        }
        return nil
    }

    private mutating func scanWeekday(_ text: Text) {
        guard let found = word(text, DateReader.weekdays) else { return }
        weekday = found.index
        blank(text, found.from, found.to)
    }

    /// `2024-03-15`, `2024-3`, `-03-15` is left alone.
    private mutating func scanISO(_ text: Text) -> Bool {
        for start in 1..<text.count where isDigit(text[start]) && !isDigit(text[start - 1]) {
            var at = start
            guard let first = digits(text, &at, 4), at < text.count, text[at] == 0x2D else { continue }
            let firstLength = at - start
            at += 1
            guard let second = digits(text, &at, 2) else { continue }
            guard at < text.count, text[at] == 0x2D else {
                guard firstLength > 2 else { continue }
                year = first
                month = second
                return true
            }
            at += 1
            let thirdStart = at
            guard let third = digits(text, &at, 4) else { continue }
            if firstLength <= 2, at - thirdStart > 2 {
                // Day first.
                (day, month, year) = (first, second, third)
            } else {
                year = firstLength <= 2 ? century(first) : first
                (month, day) = (second, third)
            }
            return true
        }
        return false
    }

    private func century(_ year: Int) -> Int { year >= 69 ? 1900 + year : 2000 + year }

    /// `March 14, 2016`, `14 Mar 2016`, `Mar 2016`, `14-mar-2016`.
    private mutating func scanNamedMonth(_ text: Text) -> Bool {
        guard let found = word(text, DateReader.months) else { return false }
        month = found.index + 1
        var numbers: [(value: Int, length: Int, isBefore: Bool)] = []
        var at = 1
        while at < text.count {
            if isDigit(text[at]) {
                let start = at
                if let value = digits(text, &at, 9) { numbers.append((value, at - start, start < found.from)) }
            } else {
                if text[at] == 0x27, at + 1 < text.count, isDigit(text[at + 1]) {
                    // 'yy
                    at += 1
                    let start = at
                    if let value = digits(text, &at, 4) {
                        year = at - start <= 2 ? century(value) : value
                    }
                    continue
                }
                at += 1
            }
        }
        for number in numbers {
            if number.length > 2 || number.value > 31 {
                if year == nil { year = number.length <= 2 ? century(number.value) : number.value }
            } else if day == nil {
                day = number.value
            } else if year == nil {
                year = century(number.value)
            }
        }
        return true
    }

    /// `2024/03/15` and, as Ruby reads them, `15/03/2024` as well as `03/15` (month first without a year).
    private mutating func scanSlashes(_ text: Text) -> Bool {
        for start in 1..<text.count where isDigit(text[start]) && !isDigit(text[start - 1]) {
            var at = start
            guard let first = digits(text, &at, 4), at < text.count, text[at] == 0x2F else { continue }
            let firstLength = at - start
            at += 1
            guard let second = digits(text, &at, 2) else { continue }
            guard at < text.count, text[at] == 0x2F else {
                if firstLength > 2 { (year, month) = (first, second) } else { (month, day) = (first, second) }
                return true
            }
            at += 1
            let thirdStart = at
            guard let third = digits(text, &at, 4) else { continue }
            if firstLength > 2 {
                (year, month, day) = (first, second, third)
            } else if at - thirdStart > 2 {
                (day, month, year) = (first, second, third)
            } else {
                (year, month, day) = (century(first), second, third)
            }
            return true
        }
        return false
    }

    /// `2024.03.15`, `15.03.2024`
    private mutating func scanDots(_ text: Text) -> Bool {
        for start in 1..<text.count where isDigit(text[start]) && !isDigit(text[start - 1]) {
            var at = start
            guard let first = digits(text, &at, 4), at < text.count, text[at] == 0x2E else { continue }
            let firstLength = at - start
            at += 1
            guard let second = digits(text, &at, 2), at < text.count, text[at] == 0x2E else { continue }
            at += 1
            let thirdStart = at
            guard let third = digits(text, &at, 4) else { continue }
            if firstLength > 2 {
                (year, month, day) = (first, second, third)
            } else if at - thirdStart > 2 {
                (day, month, year) = (first, second, third)
            } else {
                (year, month, day) = (century(first), second, third)
            }
            return true
        }
        return false
    }

    /// `20240315`, `20240315T143000`, `2024`, `15`.
    private mutating func scanDigits(_ text: Text) {
        guard let start = text.indices.first(where: { isDigit(text[$0]) }) else { return }
        var end = start
        while end < text.count, isDigit(text[end]) { end += 1 }
        let length = end - start
        func part(_ from: Int, _ count: Int) -> Int {
            var at = start + from
            return digits(text, &at, count) ?? 0
        }
        switch length {
        case 1, 2: day = part(0, length)
        case 3: (month, day) = (1, part(0, 3))
        case 4: (month, day) = (part(0, 2), part(2, 2))
        case 6: (year, month, day) = (century(part(0, 2)), part(2, 2), part(4, 2))
        case 8: (year, month, day) = (part(0, 4), part(4, 2), part(6, 2))
        case 10:
            (year, month, day) = (century(part(0, 2)), part(2, 2), part(4, 2))
            (hour, minute) = (part(6, 2), part(8, 2))
        case 12, 14:
            (year, month, day) = (part(0, 4), part(4, 2), part(6, 2))
            (hour, minute) = (part(8, 2), part(10, 2))
            if length == 14 { second = part(12, 2) }
        default: return
        }
        if length == 8, end < text.count, text[end] == 0x74 {
            var at = end + 1
            if let value = digits(text, &at, 2) { hour = value }
            if let value = digits(text, &at, 2) { minute = value }
            if let value = digits(text, &at, 2) { second = value }
            scanZone(text, &at)
        }
    }
}
