/// Dates of bare digits, by the number of the week or of the day.
extension DateReader {
    /// `2016-w11-5` (parsed, but without effect), `--03-14`, `2016-074`, `-074`.
    mutating func readWeekOrDay(_ text: DateText) -> Bool {
        if skipWeek(text) { return true }
        for start in 0..<text.count where text.starts("--", at: start) {
            let first = text.skipDigits(start + 2, most: 2)
            let from = first == start + 4 ? first : start + 2
            if text[from] == 0x2D {
                let end = text.skipDigits(from + 1, most: 2)
                if end == from + 3, text.isBoundary(end) {
                    if from == start + 4 { month = text.number(start + 2, from) }
                    day = text.number(from + 1, end)
                    text.blank(start, end)
                    return true
                }
            }
        }
        for start in 0..<text.count where text.starts("--", at: start) {
            let first = text.skipDigits(start + 2, most: 2)
            guard first == start + 4 else { continue }
            let second = text.skipDigits(first, most: 2)
            let end = second == first + 2 && text.isBoundary(second) ? second : first
            guard text.isBoundary(end) else { continue }
            month = text.number(start + 2, first)
            if end > first { day = text.number(first, end) }
            text.blank(start, end)
            return true
        }
        return readDayOfYear(text)
    }

    private func skipWeek(_ text: DateText) -> Bool {
        for start in 0..<text.count where text[start] == 0x77 {
            let digits = text.skipDigits(start + 1, most: 2)
            if digits == start + 3 {
                var end = digits
                let day = text[end] == 0x2D ? end + 1 : end
                if text.isDigitAt(day), text.isBoundary(day + 1) { end = day + 1 }
                guard text.isBoundary(end) else { continue }
                var from = start
                if from > 0, text[from - 1] == 0x2D { from -= 1 }
                var year = from
                while year > 0, text.isDigitAt(year - 1), from - year < 4 { year -= 1 }
                if (from - year == 2 || from - year == 4), text.isBoundary(year) {
                    from = year
                } else if !text.isBoundary(from) {
                    guard text.isBoundary(start) else { continue }
                    from = start
                }
                text.blank(from, end)
                return true
            }
            if start > 0, text[start - 1] == 0x2D, text[start + 1] == 0x2D, text.isDigitAt(start + 2),
                text.isBoundary(start + 3)
            {
                text.blank(start - 1, start + 3)
                return true
            }
        }
        return false
    }

    private mutating func readDayOfYear(_ text: DateText) -> Bool {
        for start in 0..<text.count where text.isDigitAt(start) && text.isBoundary(start) {
            let end = text.skipDigits(start)
            let last = text.skipDigits(end + 1)
            guard end - start == 2 || end - start == 4, text[end] == 0x2D, last - end == 4, text.isBoundary(last) else {
                continue
            }
            if start > 0, text[start - 1] == 0x2C || text[start - 1] == 0x2E { return false }
            year = text.number(start, end)
            dayOfYear = text.number(end + 1, last)
            text.blank(start, last)
            return true
        }
        for start in 0..<text.count where text[start] == 0x2D && text.isBoundary(start) {
            let end = text.skipDigits(start + 1)
            guard end - start == 4, text.isBoundary(end) else { continue }
            if start > 0, text.isDigitAt(start - 1) { return false }
            dayOfYear = text.number(start + 1, end)
            text.blank(start, end)
            return true
        }
        return false
    }

    /// `20160314`, `20160314t143000z`, `160314`, `0314`, `14`. With a fraction, the digits are a time.
    mutating func readDigits(_ text: DateText) {
        for start in 0..<text.count {
            let isSigned = text[start] == 0x2D || text[start] == 0x2B
            let from = isSigned ? start + 1 : start
            let end = text.skipDigits(from, most: 14)
            guard end - from >= 2 else { continue }
            var at = end
            var next = text.skipSpaces(end)
            if text[next] == 0x74 { next = text.skipSpaces(next + 1) }
            let timeEnd = text.skipDigits(next, most: 6)
            let time: (Int, Int)? = timeEnd - next >= 2 ? (next, timeEnd) : nil
            if let time { at = time.1 }
            // Without a second number, the mark follows the first one, optionally after spaces.
            let mark = time?.1 ?? next
            var hasFraction = false
            if text[mark] == 0x2E || text[mark] == 0x2C {
                at = text.skipDigits(mark + 1)
                hasFraction = true
                readFraction(text, mark + 1, at)
            } else if time == nil {
                at = next
            }
            if time == nil, hasFraction {
                timeFromEnd(text, from, end)
            } else {
                date(text, from, end, text[start] == 0x2D ? -1 : 1, isSigned)
            }
            if let time { self.time(text, time.0, time.1, hasFraction) }
            zoneBehind(text, &at)
            text.blank(start, at)
            return
        }
    }

    private mutating func zoneBehind(_ text: DateText, _ at: inout Int) {
        if text[at] == 0x7A, text.isBoundary(at + 1) {
            offset = 0
            at += 1
        } else if text[at] == 0x2B || text[at] == 0x2D {
            let end = text.skipDigits(at + 1, most: 4)
            guard end > at + 1, text.isBoundary(end) else { return }
            readOffset(text, at, end)
            at = end
        }
    }

    private mutating func date(_ text: DateText, _ from: Int, _ end: Int, _ sign: Int, _ isSigned: Bool) {
        func part(_ at: Int, _ count: Int) -> Int { text.number(from + at, from + at + count) }
        switch end - from {
        case 2: day = part(0, 2)
        case 3: dayOfYear = part(0, 3)
        case 4: (month, day) = (part(0, 2), part(2, 2))
        case 5: (year, dayOfYear) = (sign * part(0, 2), part(2, 3))
        case 6: (year, month, day) = (sign * part(0, 2), part(2, 2), part(4, 2))
        case 7: (year, dayOfYear) = (sign * part(0, 4), part(4, 3))
        case 8, 10, 12, 14:
            (year, month, day) = (sign * part(0, 4), part(4, 2), part(6, 2))
            if end - from >= 10 { hour = part(8, 2) }
            if end - from >= 12 { minute = part(10, 2) }
            if end - from == 14 { second = part(12, 2) }
            completesYear = false
        default: break
        }
    }

    /// Digits before a fraction, from the right: seconds, minutes, hours and so on.
    private mutating func timeFromEnd(_ text: DateText, _ from: Int, _ end: Int) {
        let count = end - from
        func last(_ at: Int, _ length: Int = 2) -> Int { text.number(end - at, end - at + length) }
        guard count <= 8 || count % 2 == 0 else { return }
        second = last(2)
        if count >= 3 { minute = last(min(count, 4), count == 3 ? 1 : 2) }
        if count >= 5 { hour = last(min(count, 6), count == 5 ? 1 : 2) }
        if count >= 7 { day = last(min(count, 8), count == 7 ? 1 : 2) }
        if count >= 10 { month = last(10) }
        if count == 12 { year = last(12) }
        if count == 14 {
            year = last(14, 4)
            completesYear = false
        }
    }

    private mutating func time(_ text: DateText, _ from: Int, _ end: Int, _ hasFraction: Bool) {
        func part(_ at: Int) -> Int { text.number(from + at, from + at + 2) }
        switch end - from {
        case 2: if hasFraction { second = part(0) } else { hour = part(0) }
        case 4: if hasFraction { (minute, second) = (part(0), part(2)) } else { (hour, minute) = (part(0), part(2)) }
        case 6: (hour, minute, second) = (part(0), part(2), part(4))
        default: break
        }
    }
}
