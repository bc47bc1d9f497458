import Glibc

/// A decimal number: `digits` × 10^-`scale`. Liquid computes in decimals, so that 0.1 + 0.2 is 0.3.
struct Decimal {
    var digits: Int128
    var scale: Int

    init(_ digits: Int128, scale: Int = 0) {
        self.digits = digits
        self.scale = scale
    }

    init(_ value: Int) { self.init(Int128(value)) }

    /// The shortest decimal that reads back as `value`, which is finite.
    init(_ value: Double) {
        var power = 1.0
        for scale in 0...6 {
            let scaled = (value * power).rounded()
            if abs(scaled) < 1e15, scaled / power == value {
                self.init(Int128(Int64(scaled)), scale: scale)
                return
            }
            power *= 10
        }
        self = Decimal.shortest(value)
    }

    /// Reads the standard library's text, which has the fewest digits that read back. Trailing zeros are removed.
    private static func shortest(_ value: Double) -> Decimal {
        var text = value.description
        return text.withUTF8 { parse($0) }
    }

    /// `-12.5`, `1e-05` or `-1.25e+20`, with at most 17 digits.
    private static func parse(_ text: UnsafeBufferPointer<UInt8>) -> Decimal {
        var at = 0
        var digits: Int64 = 0
        var scale = 0
        let negative = text[0] == UInt8(ascii: "-")
        if negative { at = 1 }
        var seenDot = false
        while at < text.count, text[at] != UInt8(ascii: "e") {
            if text[at] == UInt8(ascii: ".") {
                seenDot = true
            } else {
                digits = digits * 10 + Int64(text[at] - UInt8(ascii: "0"))
                if seenDot { scale += 1 }
            }
            at += 1
        }
        scale -= exponent(text.dropFirst(at + 1))
        while digits != 0, digits % 10 == 0 {
            digits /= 10
            scale -= 1
        }
        return Decimal(Int128(negative ? -digits : digits), scale: scale)
    }

    /// `-05`, `+20`, or 0 for no digits.
    private static func exponent(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Int {
        var value = 0
        for byte in text where byte >= UInt8(ascii: "0") { value = value * 10 + Int(byte - UInt8(ascii: "0")) }
        return text.first == UInt8(ascii: "-") ? -value : value
    }

    /// Parses `-?[0-9]+\.[0-9]+`, which has been validated. Returns nil if it has too many digits.
    init?(parsing text: ByteSlice) {
        var value: Int128 = 0
        var scale = 0
        var count = 0
        var seenDot = false
        let negative = text.count > 0 && text[0] == 0x2D
        for at in (negative ? 1 : 0)..<text.count {
            if text[at] == 0x2E {
                seenDot = true
                continue
            }
            count += value > 0 ? 1 : 0
            guard count < 37 else { return nil }
            value = value * 10 + Int128(text[at] &- 0x30)
            if seenDot { scale += 1 }
        }
        self.init(negative ? -value : value, scale: scale)
    }

    var double: Double {
        if scale == 0 { return Double(digits) }
        let magnitude = digits.magnitude
        if magnitude < 1 << 53, scale > 0, scale <= 22 {
            return Double(Int64(digits)) / Decimal.powers[scale]
        }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 64) { buffer in
            let base = buffer.baseAddress.unsafelyUnwrapped
            var length = Number.write(wide: digits, to: base)
            base[length] = 0x65
            length += 1
            length += Number.write(-scale, to: base + length)
            base[length] = 0
            return base.withMemoryRebound(to: CChar.self, capacity: length + 1) { strtod($0, nil) }
        }
    }

    private static let powers: [Double] = (0...22).map { pow(10, Double($0)) }

    static func powerOfTen(_ exponent: Int) -> Int128? {
        guard exponent >= 0, exponent <= 37 else { return nil }
        var value: Int128 = 1
        for _ in 0..<exponent { value *= 10 }
        return value
    }

    /// Both numbers at the larger scale; nil when that does not fit.
    private static func aligned(_ a: Decimal, _ b: Decimal) -> (Int128, Int128, Int)? {
        if a.scale == b.scale { return (a.digits, b.digits, a.scale) }
        let scale = max(a.scale, b.scale)
        guard let powerA = powerOfTen(scale - a.scale), let powerB = powerOfTen(scale - b.scale) else { return nil }
        let (left, overA) = a.digits.multipliedReportingOverflow(by: powerA)
        let (right, overB) = b.digits.multipliedReportingOverflow(by: powerB)
        return overA || overB ? nil : (left, right, scale)
    }

    static func add(_ a: Decimal, _ b: Decimal) -> Decimal? {
        guard let (left, right, scale) = aligned(a, b) else { return nil }
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? nil : Decimal(sum, scale: scale)
    }

    static func multiply(_ a: Decimal, _ b: Decimal) -> Decimal? {
        let (product, overflow) = a.digits.multipliedReportingOverflow(by: b.digits)
        return overflow ? nil : Decimal(product, scale: a.scale + b.scale)
    }

    /// Rounded down at about 20 significant digits. `b` is not zero.
    static func divide(_ a: Decimal, _ b: Decimal) -> Decimal? {
        var left = a.digits
        var scale = a.scale - b.scale
        while left.magnitude < UInt128(1) << 120, left != 0 {
            left *= 10
            scale += 1
            if left % b.digits == 0 { break }
        }
        if left == 0 { return Decimal(0) }
        return Decimal(left / b.digits, scale: scale)
    }

    /// The remainder with the sign of `b`, as in Ruby's `%`. `b` is not zero.
    static func remainder(_ a: Decimal, _ b: Decimal) -> Decimal? {
        guard let (left, right, scale) = aligned(a, b), right != 0, right != -1 else { return nil }
        var rest = left % right
        if rest != 0, (rest < 0) != (right < 0) { rest += right }
        return Decimal(rest, scale: scale)
    }

    static func compare(_ a: Decimal, _ b: Decimal) -> Int {
        if let (left, right, _) = aligned(a, b) { return left < right ? -1 : left > right ? 1 : 0 }
        return a.double < b.double ? -1 : a.double > b.double ? 1 : 0
    }

    enum Rounding { case down, up, half }

    /// Rounded to `places` decimal places, which may be negative.
    func rounded(_ rounding: Rounding, places: Int = 0) -> Decimal {
        guard scale > places else { return self }
        guard let power = Decimal.powerOfTen(scale - places) else { return Decimal(0, scale: places) }
        var quotient = digits / power
        let rest = digits % power
        switch rounding {
        case .down: if rest < 0 { quotient -= 1 }
        case .up: if rest > 0 { quotient += 1 }
        case .half: if rest.magnitude * 2 >= power.magnitude { quotient += digits < 0 ? -1 : 1 }
        }
        return Decimal(quotient, scale: places)
    }

    /// Writes the number as Ruby prints a float.
    func writeFloat(isNegative: Bool, to buffer: UnsafeMutablePointer<UInt8>) -> Int {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 48) { scratch in
            let text = scratch.baseAddress.unsafelyUnwrapped
            var count = Number.write(wide: Int128(digits.magnitude), to: text)
            var scale = scale
            while count > 1, text[count - 1] == 0x30, scale > 0 {
                count -= 1
                scale -= 1
            }
            var at = 0
            func put(_ byte: UInt8) {
                buffer[at] = byte
                at += 1
            }
            if isNegative { put(0x2D) }
            if digits == 0 {
                for byte: UInt8 in [0x30, 0x2E, 0x30] { put(byte) }
                return at
            }
            // The exponent of the first digit.
            let exponent = count - 1 - scale
            // A number with decimal places may have one more digit before the point.
            if exponent >= (count > exponent + 1 ? 16 : 15) || exponent < -4 {
                while count > 1, text[count - 1] == 0x30 { count -= 1 }
                put(text[0])
                put(0x2E)
                if count == 1 { put(0x30) }
                for index in 1..<max(1, count) { put(text[index]) }
                put(0x65)
                put(exponent < 0 ? 0x2D : 0x2B)
                if abs(exponent) < 10 { put(0x30) }
                return at + Number.write(abs(exponent), to: buffer + at)
            }
            if exponent < 0 {
                put(0x30)
                put(0x2E)
                for _ in 0..<(-exponent - 1) { put(0x30) }
                for index in 0..<count { put(text[index]) }
                return at
            }
            for index in 0...exponent { put(index < count ? text[index] : 0x30) }
            put(0x2E)
            if count <= exponent + 1 { put(0x30) }
            for index in min(count, exponent + 1)..<count { put(text[index]) }
            return at
        }
    }
}
