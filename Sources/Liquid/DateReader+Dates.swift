/// The date formats. Each is searched for anywhere in the text.
extension DateReader {
    /// A year, month or day, before it is known which.
    private enum Part {
        case none
        case number(Int)
        case text(Int, Int)
    }

    // MARK: Names

    mutating func skipWeekday(_ text: DateText) {
        for at in 0..<text.count where text.isWeekday(at: at) && text.isBoundary(at) {
            text.blank(at, text.skipWord(at + 3, butNot: "-/"))
            return
        }
    }

    /// `14 March 2016`, `14th of-less mar`, `14mar16`.
    mutating func readDayFirst(_ text: DateText) -> Bool {
        var start = 0
        while start < text.count {
            let digits = text[start] == 0x27 ? start + 1 : start
            guard text.isDigitAt(digits) else {
                start += 1
                continue
            }
            let end = text.skipDigits(digits)
            let wordEnd = text.skipWord(end, butNot: "-")
            var at = text.skipSpaces(wordEnd)
            var month = text.month(at: at)
            var back = wordEnd
            while month == nil, back > end {
                back -= 1
                at = back
                month = text.month(at: at)
            }
            guard let month else {
                start = end
                continue
            }
            at = text.skipWord(at + 3, butNot: "-'")
            let (year, behind, isBefore) = yearBehind(text, at, takesComma: false)
            if isBefore { isBeforeChrist = true }
            assign(text, year, .number(month), .text(start, end))
            text.blank(start, behind)
            return true
        }
        return false
    }

    /// `March 14, 2016`, `mar 14`.
    mutating func readMonthFirst(_ text: DateText) -> Bool {
        for start in 0..<text.count where text.isBoundary(start) {
            guard let month = text.month(at: start) else { continue }
            let from = text.skipSpaces(text.skipWord(start + 3, butNot: "-'"))
            guard let end = text.year(at: from, signed: false) else { continue }
            let at = text.skipWord(end, butNot: "-'")
            let (year, behind, isBefore) = yearBehind(text, at, takesComma: true)
            if isBefore { isBeforeChrist = true }
            assign(text, year, .number(month), .text(from, end))
            text.blank(start, behind)
            return true
        }
        return false
    }

    private func yearBehind(_ text: DateText, _ start: Int, takesComma: Bool) -> (Part, Int, Bool) {
        var at = text.skipSpaces(start)
        if takesComma, text[at] == 0x2C { at = text.skipSpaces(at + 1) }
        var isBefore = false
        if let era = text.era(at: at) {
            at = text.skipSpaces(era.end)
            isBefore = era.isBefore
        }
        guard let end = text.year(at: at) else { return (.none, start, false) }
        let behind = takesComma ? end : text.ordinal(at: end) ?? end
        return (.text(at, behind), behind, isBefore)
    }

    /// `14-mar-2016`, `mar-14-2016`.
    mutating func readNamedDashed(_ text: DateText) -> Bool {
        for start in 0..<text.count {
            guard let end = text.year(at: start), text[end] == 0x2D, let month = text.month(at: end + 1) else {
                continue
            }
            let dash = text.skip(end + 4, until: "-/.")
            guard text[dash] == 0x2D, let last = text.year(at: dash + 1) else { continue }
            assign(text, .text(dash + 1, last), .number(month), .text(start, end))
            text.blank(start, last)
            return true
        }
        for start in 0..<text.count where text.isBoundary(start) {
            guard let month = text.month(at: start) else { continue }
            let dash = text.skip(start + 3, until: "-/.")
            guard text[dash] == 0x2D, let end = text.year(at: dash + 1, signed: false) else { continue }
            if text[end] == 0x2D, let last = text.year(at: end + 1) {
                assign(text, .text(end + 1, last), .number(month), .text(dash + 1, end))
                text.blank(start, last)
            } else {
                assign(text, .none, .number(month), .text(dash + 1, end))
                text.blank(start, end)
            }
            return true
        }
        return false
    }

    // MARK: Three numbers

    /// `2016-03-14`, `14-3-2016`.
    mutating func readDashed(_ text: DateText) -> Bool {
        for start in 0..<text.count {
            var at = start
            if text[at] == 0x27 { at += 1 }
            if text[at] == 0x2D || text[at] == 0x2B { at += 1 }
            let first = text.skipDigits(at)
            guard first > at, text[first] == 0x2D else { continue }
            let second = text.skipDigits(first + 1)
            guard second > first + 1, text[second] == 0x2D, let third = text.year(at: second + 1) else { continue }
            assign(text, .text(start, first), .text(first + 1, second), .text(second + 1, third))
            text.blank(start, third)
            return true
        }
        return false
    }

    /// `h31.04.30`, years of Japanese eras.
    mutating func readEra(_ text: DateText) -> Bool {
        for start in 0..<text.count where text.isBoundary(start) {
            let base: Int
            switch text[start] {
            case 0x6D: base = 1867
            case 0x74: base = 1911
            case 0x73: base = 1925
            case 0x68: base = 1988
            case 0x72: base = 2018
            default: continue
            }
            let first = text.skipDigits(start + 1)
            let second = text.skipDigits(first + 1)
            let third = text.skipDigits(second + 1)
            guard first > start + 1, text[first] == 0x2E, second > first + 1, text[second] == 0x2E,
                third > second + 1
            else { continue }
            year = text.number(start + 1, first) + base
            month = text.number(first + 1, second)
            day = text.number(second + 1, third)
            text.blank(start, third)
            return true
        }
        return false
    }

    /// `2016/03/14`, `14/3/2016`, `3/14`.
    mutating func readSlashed(_ text: DateText) -> Bool {
        for start in 0..<text.count {
            guard let first = text.year(at: start), text[first] == 0x2F else { continue }
            let middle = text.skipSpaces(first + 1)
            guard let second = text.year(at: middle, signed: false) else { continue }
            let next = text.skipSpaces(second + 1)
            if second < text.count, let third = text.year(at: next) {
                assign(text, .text(start, first), .text(middle, second), .text(next, third))
                text.blank(start, third)
            } else {
                assign(text, .text(start, first), .text(middle, second), .none)
                text.blank(start, second)
            }
            return true
        }
        return false
    }

    /// `2016.03.14`, `14. 3. 2016`.
    mutating func readDotted(_ text: DateText) -> Bool {
        for start in 0..<text.count {
            guard let first = text.year(at: start), text[first] == 0x2E else { continue }
            let middle = text.skipSpaces(first + 1)
            guard let second = text.year(at: middle, signed: false), text[second] == 0x2E else { continue }
            let last = text.skipSpaces(second + 1)
            guard let third = text.year(at: last) else { continue }
            assign(text, .text(start, first), .text(middle, second), .text(last, third))
            text.blank(start, third)
            return true
        }
        return false
    }

    // MARK: Partial dates

    mutating func readYear(_ text: DateText) -> Bool {
        for at in 0..<text.count where text[at] == 0x27 && text.isDigitAt(at + 1) {
            let end = text.skipDigits(at + 1)
            guard text.isBoundary(end) else { continue }
            year = text.number(at + 1, end)
            text.blank(at, end)
            return true
        }
        return false
    }

    mutating func readMonth(_ text: DateText) -> Bool {
        for at in 0..<text.count where text.isBoundary(at) {
            guard let found = text.month(at: at) else { continue }
            month = found
            text.blank(at, text.skip(at + 3, until: " "))
            return true
        }
        return false
    }

    mutating func readDay(_ text: DateText) -> Bool {
        var at = 0
        while at < text.count {
            let end = text.skipDigits(at)
            if end > at, let behind = text.ordinal(at: end) {
                day = text.number(at, end)
                text.blank(at, behind)
                return true
            }
            at = max(end, at + 1)
        }
        return false
    }

    mutating func readBeforeChrist(_ text: DateText) {
        for at in 0..<text.count where text[at] == 0x62 && text.isBoundary(at) {
            guard let era = text.era(at: at) else { continue }
            guard text[era.end - 1] == 0x2E || text.isBoundary(era.end) else { continue }
            isBeforeChrist = true
            text.blank(at, era.end)
            return
        }
    }

    /// A single remaining number is the day of a time or the hour of a day.
    mutating func readRest(_ text: DateText) {
        let start = text.skipSpaces(0)
        let end = text.skipDigits(start)
        guard end > start, end - start <= 2, text.skipSpaces(end) == text.count else { return }
        let value = text.number(start, end)
        if hour != nil, day == nil, (1...31).contains(value) { day = value }
        if day != nil, hour == nil, value <= 24 { hour = value }
    }

    // MARK: Assignment of parts

    /// Assigns three parts to year, month and day, by their lengths and marks.
    private mutating func assign(_ text: DateText, _ first: Part, _ second: Part, _ third: Part) {
        var (year, month, day) = (first, second, third)
        if !isNone(year), !isNone(month), isNone(day) { (year, month, day) = (.none, year, month) }
        if isNone(year), isYear(text, day) { (year, day) = (day, .none) }
        if case .text(let from, let to) = year {
            let (start, end) = digits(text, from, to)
            if end < to { (year, day) = (day, .text(start, end)) }
        }
        if isYear(text, month) { (year, month, day) = (month, day, year) }
        if isYear(text, day) { (year, day) = (day, year) }
        switch year {
        case .none: break
        case .number(let value): self.year = value
        case .text(let from, let to):
            let (start, end) = digits(text, from, to)
            let isSigned = !text.isDigitAt(start)
            let value = text.number(start, end)
            self.year = text[start] == 0x2D ? -value : value
            completesYear = !isSigned && end - start <= 2
        }
        self.month = value(text, month) ?? self.month
        self.day = value(text, day) ?? self.day
    }

    private func isNone(_ part: Part) -> Bool {
        if case .none = part { return true }
        return false
    }

    /// A part with an apostrophe or more than two characters can only be the year.
    private func isYear(_ text: DateText, _ part: Part) -> Bool {
        guard case .text(let from, let to) = part else { return false }
        return to - from > 2 || text[from] == 0x27
    }

    /// The first number in a part, with its sign.
    private func digits(_ text: DateText, _ from: Int, _ to: Int) -> (Int, Int) {
        var start = from
        while start < to, text[start] != 0x2D, text[start] != 0x2B, !text.isDigitAt(start) { start += 1 }
        let unsigned = text.isDigitAt(start) ? start : start + 1
        return (start, min(to, text.skipDigits(unsigned)))
    }

    private func value(_ text: DateText, _ part: Part) -> Int? {
        switch part {
        case .none: return nil
        case .number(let value): return value
        case .text(let from, let to):
            var start = from
            while start < to, !text.isDigitAt(start) { start += 1 }
            return text.number(start, min(to, text.skipDigits(start)))
        }
    }
}
