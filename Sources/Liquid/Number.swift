import Glibc

/// Reads and writes numbers without Foundation.
enum Number {
    /// `-?[0-9]+` that fits 64 bits.
    static func parseInteger(_ text: ByteSlice) -> Int? {
        var at = 0
        let negative = text.count > 0 && text[0] == 0x2D
        if negative { at = 1 }
        guard at < text.count, text.count - at <= 19 else { return nil }
        var value: UInt64 = 0
        while at < text.count {
            let digit = text[at] &- 0x30
            guard digit < 10 else { return nil }
            value = value &* 10 &+ UInt64(digit)
            at += 1
        }
        if negative { return value <= 1 << 63 ? Int(truncatingIfNeeded: 0 &- value) : nil }
        return value <= UInt64(Int64.max) ? Int(value) : nil
    }

    /// `-?[0-9]+` that fits 128 bits.
    static func parseWide(_ text: ByteSlice) -> Int128? {
        var at = 0
        let negative = text.count > 0 && text[0] == 0x2D
        if negative { at = 1 }
        guard at < text.count, text.count - at <= 38 else { return nil }
        var value: Int128 = 0
        while at < text.count {
            let digit = text[at] &- 0x30
            guard digit < 10 else { return nil }
            value = value * 10 + Int128(digit)
            at += 1
        }
        return negative ? -value : value
    }

    private static let powers: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]

    /// A decimal number, with or without fraction and exponent, correctly rounded.
    static func parseDouble(_ text: ByteSlice) -> Double {
        var at = 0
        let negative = text.count > 0 && text[0] == 0x2D
        if negative { at = 1 }
        var mantissa: UInt64 = 0
        var digits = 0
        var fraction = 0
        var seenDot = false
        while at < text.count {
            let byte = text[at]
            if byte == 0x2E, !seenDot {
                seenDot = true
            } else if isDigit(byte) {
                mantissa = mantissa &* 10 &+ UInt64(byte &- 0x30)
                if mantissa > 0 { digits += 1 }
                if seenDot { fraction += 1 }
            } else {
                break
            }
            at += 1
        }
        if at == text.count, digits <= 15, fraction <= 22 {
            let value = Double(mantissa) / powers[fraction]
            return negative ? -value : value
        }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: text.count + 1) { copy in
            let base = copy.baseAddress.unsafelyUnwrapped
            memcpy(base, text.base, text.count)
            copy[text.count] = 0
            return strtod(base, nil)
        }
    }

    /// Writes an integer and returns the number of bytes. `buffer` must hold at least 20 bytes.
    @inline(__always)
    static func write(_ value: Int, to buffer: UnsafeMutablePointer<UInt8>) -> Int {
        var magnitude = value.magnitude
        var at = 0
        if value < 0 {
            buffer[0] = 0x2D
            at = 1
        }
        if magnitude < 10 {
            buffer[at] = 0x30 &+ UInt8(truncatingIfNeeded: magnitude)
            return at + 1
        }
        var length = 1
        var bound: UInt = 10
        while length < 20, magnitude >= bound {
            length += 1
            let (next, overflow) = bound.multipliedReportingOverflow(by: 10)
            if overflow { break }
            bound = next
        }
        var place = at + length
        while magnitude >= 10 {
            let (quotient, remainder) = magnitude.quotientAndRemainder(dividingBy: 10)
            place -= 1
            buffer[place] = 0x30 &+ UInt8(truncatingIfNeeded: remainder)
            magnitude = quotient
        }
        buffer[place - 1] = 0x30 &+ UInt8(truncatingIfNeeded: magnitude)
        return at + length
    }

    /// Writes a 128-bit integer. `buffer` must hold at least 40 bytes.
    static func write(wide value: Int128, to buffer: UnsafeMutablePointer<UInt8>) -> Int {
        var magnitude = value.magnitude
        var place = 40
        repeat {
            let (quotient, remainder) = magnitude.quotientAndRemainder(dividingBy: 10)
            place -= 1
            buffer[place] = 0x30 &+ UInt8(truncatingIfNeeded: remainder)
            magnitude = quotient
        } while magnitude > 0
        if value < 0 {
            place -= 1
            buffer[place] = 0x2D
        }
        memmove(buffer, buffer + place, 40 - place)
        return 40 - place
    }

    /// Writes a double as Ruby prints a float: shortest digits, `1.0`, `1.0e+20`, `NaN`. 40 bytes are enough.
    static func write(_ value: Double, to buffer: UnsafeMutablePointer<UInt8>) -> Int {
        if !value.isFinite {
            let text: StaticString = value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity"
            memcpy(buffer, text.utf8Start, text.utf8CodeUnitCount)
            return text.utf8CodeUnitCount
        }
        let decimal = Decimal(value)
        return decimal.writeFloat(isNegative: value.sign == .minus, to: buffer)
    }
}
