/// The text of a date while its parts are removed: in lower case, with a single space for each run of other
/// characters.
///
/// A view of a buffer that `DateReader.read` owns and keeps alive. The last byte is a sentinel of 0.
struct DateText {
    private let bytes: UnsafeMutableBufferPointer<UInt8>
    let count: Int

    /// Copies `text` into `bytes`, which must hold at least `text.count` + 1 bytes.
    init(_ text: ByteSlice, in bytes: UnsafeMutableBufferPointer<UInt8>) {
        var length = 0
        for at in 0..<text.count {
            let byte = text[at]
            let lower = byte &- 0x41 < 26 ? byte | 0x20 : byte
            if DateText.isKept(lower) {
                bytes[length] = lower
                length += 1
            } else if length == 0 || bytes[length - 1] != 0x20 {
                bytes[length] = 0x20
                length += 1
            }
        }
        bytes[length] = 0
        self.bytes = bytes
        count = length
    }

    /// Letters, digits and `-+',./:@[]`. Every non-ASCII byte counts as a letter.
    private static func isKept(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x2D, 0x2B, 0x27, 0x2C, 0x2E, 0x2F, 0x3A, 0x40, 0x5B, 0x5D: return true
        default: return byte >= 0x80 || isDigit(byte) || byte &- 0x61 < 26
        }
    }

    @inline(__always)
    subscript(at: Int) -> UInt8 { at < count ? bytes[at] : 0 }

    func blank(_ from: Int, _ to: Int) {
        for at in from..<to { bytes[at] = 0x20 }
    }

    // MARK: Runs

    func isDigitAt(_ at: Int) -> Bool { isDigit(self[at]) }

    func isLetterAt(_ at: Int) -> Bool { self[at] &- 0x61 < 26 || self[at] >= 0x80 }

    private func isWordAt(_ at: Int) -> Bool { at >= 0 && (isDigitAt(at) || isLetterAt(at)) }

    /// Whether a word starts or ends here.
    func isBoundary(_ at: Int) -> Bool { isWordAt(at - 1) != isWordAt(at) }

    func skipSpaces(_ at: Int) -> Int {
        var at = at
        while self[at] == 0x20 { at += 1 }
        return at
    }

    func skipDigits(_ at: Int, most: Int = .max) -> Int {
        var end = at
        while isDigitAt(end), end - at < most { end += 1 }
        return end
    }

    /// Skips everything except digits, spaces and the bytes of `stops`.
    func skipWord(_ at: Int, butNot stops: StaticString) -> Int {
        var at = at
        while at < count, self[at] != 0x20, !isDigitAt(at), !holds(stops, self[at]) { at += 1 }
        return at
    }

    /// Skips everything except the bytes of `stops`.
    func skip(_ at: Int, until stops: StaticString) -> Int {
        var at = at
        while at < count, !holds(stops, self[at]) { at += 1 }
        return at
    }

    private func holds(_ set: StaticString, _ byte: UInt8) -> Bool {
        for at in 0..<set.utf8CodeUnitCount where set.utf8Start[at] == byte { return true }
        return false
    }

    func starts(_ literal: StaticString, at: Int) -> Bool {
        for offset in 0..<literal.utf8CodeUnitCount where self[at + offset] != literal.utf8Start[offset] {
            return false
        }
        return true
    }

    // MARK: Numbers and names

    /// The number in the digits. A number too large for any date is capped at a large value.
    func number(_ from: Int, _ to: Int) -> Int {
        var value = 0
        for at in from..<to where isDigitAt(at) { value = min(value * 10 + Int(self[at] - 0x30), 100_000_000) }
        return value
    }

    private static let months: StaticString = "janfebmaraprmayjunjulaugsepoctnovdec"
    private static let weekdays: StaticString = "sunmontuewedthufrisat"

    /// 1 for `jan`; nil if no month's name starts here.
    func month(at: Int) -> Int? { name(DateText.months, at).map { $0 + 1 } }

    func isWeekday(at: Int) -> Bool { name(DateText.weekdays, at) != nil }

    private func name(_ names: StaticString, _ at: Int) -> Int? {
        guard at + 3 <= count else { return nil }
        for index in 0..<names.utf8CodeUnitCount / 3 {
            let name = names.utf8Start + index * 3
            if self[at] == name[0], self[at + 1] == name[1], self[at + 2] == name[2] { return index }
        }
        return nil
    }

    /// The end of `'?-?[0-9]+`, with the sign only if `signed`; nil if there is no match.
    func year(at start: Int, signed: Bool = true) -> Int? {
        var at = start
        if self[at] == 0x27 { at += 1 }
        if signed, self[at] == 0x2D { at += 1 }
        let end = skipDigits(at)
        return end > at ? end : nil
    }

    /// The index after `st`, `nd`, `rd` or `th` at the end of a word; nil if there is none.
    func ordinal(at: Int) -> Int? {
        for suffix: StaticString in ["st", "nd", "rd", "th"] where starts(suffix, at: at) && isBoundary(at + 2) {
            return at + 2
        }
        return nil
    }

    /// Matches `ce`, `bc`, `b.c.e.` and similar. Returns the end, and whether it is before Christ.
    func era(at: Int) -> (end: Int, isBefore: Bool)? {
        for name: StaticString in ["c.e.", "ce", "a.d.", "ad"] where starts(name, at: at) {
            return (at + name.utf8CodeUnitCount, false)
        }
        for name: StaticString in ["b.c.e.", "bce", "b.c.", "bc"] where starts(name, at: at) {
            return (at + name.utf8CodeUnitCount, true)
        }
        return nil
    }
}
