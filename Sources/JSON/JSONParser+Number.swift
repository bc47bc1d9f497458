extension JSONParser {
    /// Reads the number at `position` by the grammar of RFC 8259 §6.
    mutating func readNumber() throws(JSONError) {
        let first = position
        var isInteger = true
        if buffer[position] == UInt8(ascii: "-") { position += 1 }
        let firstDigit = position
        guard skipDigits() > 0 else { throw numberError("a digit must follow the minus sign") }
        if buffer[firstDigit] == UInt8(ascii: "0"), position > firstDigit + 1 {
            position = firstDigit
            throw numberError("a number may not begin with 0; remove the leading zeros")
        }
        if position < end, buffer[position] == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            guard skipDigits() > 0 else { throw numberError("a digit must follow the decimal point") }
        }
        var hasExponent = false
        if position < end, buffer[position] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            hasExponent = true
            position += 1
            if position < end, buffer[position] == UInt8(ascii: "+") || buffer[position] == UInt8(ascii: "-") {
                position += 1
            }
            guard skipDigits() > 0 else { throw numberError("a digit must follow the exponent's \"e\"") }
        }
        let text = UnsafeBufferPointer(rebasing: buffer[first..<position])
        if isInteger, parseInteger(text) == nil { isInteger = false }
        // Without an exponent, a double holds up to 308 digits before the decimal point.
        if hasExponent || text.count > 300, !parseDouble(text).isFinite {
            position = first
            throw error(.numberOutOfRange, "the number is too large; at most about 1.8e308 can be held")
        }
        try append(
            JSONNode(
                isInteger ? .integer : .double, offset: first, length: position - first, next: nodes.count + 1))
    }

    private mutating func skipDigits() -> Int {
        let first = position
        while position < end, buffer[position] &- 0x30 < 10 { position += 1 }
        return position - first
    }

    private func numberError(_ message: String) -> JSONError { error(.invalidNumber, message) }
}

/// The value of `-?[0-9]+` as a 64-bit integer, or nil if it does not fit. `-0` is not an integer, because its sign
/// would be lost.
func parseInteger(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
    let negative = text[0] == UInt8(ascii: "-")
    let digits = text.count - (negative ? 1 : 0)
    guard digits <= 19 else { return nil }
    var magnitude: UInt64 = 0
    for index in (negative ? 1 : 0)..<text.count {
        // Nineteen digits stay below 10^19, which fits a UInt64.
        magnitude = magnitude &* 10 &+ UInt64(text[index] &- 0x30)
    }
    if negative {
        guard magnitude > 0, magnitude <= 1 << 63 else { return nil }
        return Int64(truncatingIfNeeded: 0 &- magnitude)
    }
    return Int64(exactly: magnitude)
}

/// The double nearest to a number that the grammar has accepted. Infinite if the number is too large.
func parseDouble(_ text: UnsafeBufferPointer<UInt8>) -> Double {
    if let exact = exactDouble(text) { return exact }
    return Double(String(decoding: text, as: UTF8.self)) ?? .infinity
}

/// The fast exact case (Clinger 1990). A mantissa below 2^53 and a power of ten up to 22 are both exact doubles, so
/// one multiplication or division rounds correctly.
private func exactDouble(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
    guard text.count <= 24 else { return nil }
    var mantissa: UInt64 = 0
    var digits = 0
    var scale = 0
    var afterPoint = false
    var index = text[0] == UInt8(ascii: "-") ? 1 : 0
    scan: while index < text.count {
        switch text[index] {
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            mantissa = mantissa &* 10 &+ UInt64(text[index] &- 0x30)
            if mantissa > 0 { digits += 1 }
            if afterPoint { scale -= 1 }
        case UInt8(ascii: "."): afterPoint = true
        default: break scan
        }
        index += 1
    }
    guard digits <= 15 else { return nil }
    if index < text.count {
        index += 1
        var sign = 1
        if text[index] == UInt8(ascii: "-") || text[index] == UInt8(ascii: "+") {
            sign = text[index] == UInt8(ascii: "-") ? -1 : 1
            index += 1
        }
        guard text.count - index <= 3 else { return nil }
        var exponent = 0
        while index < text.count {
            exponent = exponent * 10 + Int(text[index] &- 0x30)
            index += 1
        }
        scale += sign * exponent
    }
    guard scale >= -22, scale <= 22 else { return nil }
    let value = scale < 0 ? Double(mantissa) / powersOfTen[-scale] : Double(mantissa) * powersOfTen[scale]
    return text[0] == UInt8(ascii: "-") ? -value : value
}

private let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
]
