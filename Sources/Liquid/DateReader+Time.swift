/// The time of day and its zone.
extension DateReader {
    /// `14:30[:15[.5]] [am]`, `14h30m15s`, `2 pm`, each with or without a zone.
    mutating func readTime(_ text: DateText) {
        var start = 0
        while start < text.count {
            guard text.isDigitAt(start) else {
                start += 1
                continue
            }
            let end = text.skipDigits(start)
            if let behind = clock(text, start, end) {
                let zoned = zone(text, behind)
                text.blank(start, zoned)
                return
            }
            start = end
        }
    }

    private mutating func clock(_ text: DateText, _ start: Int, _ end: Int) -> Int? {
        let mark = text.skipSpaces(end)
        var at: Int
        var hour = text.number(start, end)
        if text[mark] == 0x3A, let behind = colons(text, mark) {
            at = behind
        } else if text[mark] == 0x68 {
            at = letters(text, mark + 1)
        } else {
            guard let (behind, isAfternoon) = meridian(text, end) else { return nil }
            self.hour = hour % 12 + (isAfternoon ? 12 : 0)
            return behind
        }
        if let (behind, isAfternoon) = meridian(text, at) {
            hour = hour % 12 + (isAfternoon ? 12 : 0)
            at = behind
        }
        self.hour = hour
        return at
    }

    private mutating func colons(_ text: DateText, _ mark: Int) -> Int? {
        let from = text.skipSpaces(mark + 1)
        var at = text.skipDigits(from)
        guard at > from else { return nil }
        minute = text.number(from, at)
        let next = text.skipSpaces(at)
        let seconds = text.skipSpaces(next + 1)
        guard text[next] == 0x3A, text.isDigitAt(seconds) else { return at }
        at = text.skipDigits(seconds)
        second = text.number(seconds, at)
        if text[at] == 0x2E || text[at] == 0x2C {
            let end = text.skipDigits(at + 1)
            readFraction(text, at + 1, end)
            at = end
        }
        return at
    }

    /// The minutes and seconds after `14h`, with or without their letters.
    private mutating func letters(_ text: DateText, _ start: Int) -> Int {
        let from = text.skipSpaces(start)
        var at = text.skipDigits(from)
        guard at > from else { return start }
        minute = text.number(from, at)
        if text[at] == 0x6D { at += 1 }
        let seconds = text.skipSpaces(at)
        let end = text.skipDigits(seconds)
        guard end > seconds else { return at }
        second = text.number(seconds, end)
        return text[end] == 0x73 ? end + 1 : end
    }

    mutating func readFraction(_ text: DateText, _ from: Int, _ to: Int) {
        var scale = 100_000_000
        var value = 0
        for at in from..<to {
            value += Int(text[at] - 0x30) * scale
            scale /= 10
        }
        nanosecond = value
    }

    /// `am`, `p.m.` and so on.
    private func meridian(_ text: DateText, _ start: Int) -> (end: Int, isAfternoon: Bool)? {
        let at = text.skipSpaces(start)
        guard text[at] == 0x61 || text[at] == 0x70 else { return nil }
        if text[at + 1] == 0x6D, text.isBoundary(at + 2) { return (at + 2, text[at] == 0x70) }
        if text.starts(".m.", at: at + 1) { return (at + 4, text[at] == 0x70) }
        return nil
    }

    // MARK: Zone

    private mutating func zone(_ text: DateText, _ start: Int) -> Int {
        let at = text.skipSpaces(start)
        var sign = at
        for name: StaticString in ["gmt", "utc", "ut"] where text.starts(name, at: at) {
            sign = at + name.utf8CodeUnitCount
            break
        }
        if text[sign] == 0x2B || text[sign] == 0x2D, text.isDigitAt(sign + 1) {
            let end = offsetEnd(text, sign + 1)
            if sign == at { readOffset(text, at, end) }
            return end
        }
        if let end = longName(text, start) { return end }
        var end = at
        while text.isLetterAt(end) { end += 1 }
        guard end > at, text.isBoundary(end) else { return start }
        if text.starts(" dst", at: end), text.isBoundary(end + 4) { return end + 4 }
        readName(text, at, end)
        return end
    }

    private func offsetEnd(_ text: DateText, _ start: Int) -> Int {
        var end = text.skipDigits(start)
        guard text[end] == 0x2C || text[end] == 0x2E || text[end] == 0x3A, text.isDigitAt(end + 1) else { return end }
        end = text.skipDigits(end + 1)
        if text[end] == 0x3A, text.isDigitAt(end + 1) { end = text.skipDigits(end + 1) }
        return end
    }

    /// `+05`, `+0530`, `+05:30`, with or without seconds. Anything else is skipped.
    mutating func readOffset(_ text: DateText, _ start: Int, _ end: Int) {
        offset = nil
        let sign = text[start] == 0x2D ? -1 : 1
        var at = start + 1
        func pair() -> Int? {
            guard text.isDigitAt(at), text.isDigitAt(at + 1), at + 2 <= end else { return nil }
            at += 2
            return text.number(at - 2, at)
        }
        guard let hours = pair() else { return }
        var seconds = hours * 3600
        if at < end {
            let hasColons = text[at] == 0x3A
            if hasColons { at += 1 }
            guard let minutes = pair() else { return }
            seconds += minutes * 60
            if at < end {
                if hasColons {
                    guard text[at] == 0x3A else { return }
                    at += 1
                }
                guard let rest = pair(), at == end else { return }
                seconds += rest
            }
        }
        guard seconds < 86400 else { return }
        offset = sign * seconds
    }

    /// `eastern standard time` is skipped without effect.
    private func longName(_ text: DateText, _ start: Int) -> Int? {
        var end = start
        while text.isLetterAt(end) || text[end] == 0x20 || text[end] == 0x2E { end += 1 }
        var at = end - 13
        while at > start {
            if text.starts("standard time", at: at) || text.starts("daylight time", at: at), text.isBoundary(at + 13) {
                return at + 13
            }
            at -= 1
        }
        return nil
    }

    /// The zone names of RFC 822, including the military letters.
    private mutating func readName(_ text: DateText, _ start: Int, _ end: Int) {
        if end - start == 1 {
            let letter = Int(text[start]) - 0x61
            switch letter {
            case 0...8: offset = (letter + 1) * 3600
            case 10...12: offset = letter * 3600
            case 13...24: offset = (12 - letter) * 3600
            case 25: offset = 0
            default: break
            }
            return
        }
        let names: [(StaticString, Int)] = [
            ("utc", 0), ("ut", 0), ("gmt", 0), ("est", -5), ("edt", -4), ("cst", -6), ("cdt", -5), ("mst", -7),
            ("mdt", -6), ("pst", -8), ("pdt", -7),
        ]
        for (name, hours) in names where end - start == name.utf8CodeUnitCount && text.starts(name, at: start) {
            offset = hours * 3600
        }
    }
}
