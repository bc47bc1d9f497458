/// Filters for numbers. Integers stay integers; fractions are computed in decimals.
extension Machine {
    mutating func math(_ filter: Filter, _ input: Value, _ given: Arguments) throws(Failure) -> Value {
        if input.tag == .int, given.first.tag == .int, let value = small(filter, input.asInt, given.first.asInt) {
            return value
        }
        try chargeNumber(input)
        try chargeNumber(given.first)
        let left = number(input)
        switch filter {
        case .abs:
            if left.isInteger { return try integer(left.digits < 0 ? 0 &- left.digits : left.digits) }
            return .double(abs(left.double))
        case .ceil, .floor:
            try refuseUnbounded(left)
            if let wide = left.wide { return try written(wide.rounded(filter == .ceil ? .up : .down)) }
            return try integer(left.decimal.rounded(filter == .ceil ? .up : .down).digits)
        case .round:
            try refuseUnbounded(left)
            return try round(left, given)
        default: break
        }
        let right = number(given.first)
        switch filter {
        case .atLeast: return try result(Quantity.compare(right, left) > 0 ? right : left)
        case .atMost: return try result(Quantity.compare(right, left) < 0 ? right : left)
        case .dividedBy, .modulo:
            if left.isInteger, right.isInteger {
                guard right.digits != 0 else {
                    throw fail(.zeroDivision, "Something is divided by 0. Check the divisor.")
                }
                if right.digits == -1 { return try integer(filter == .modulo ? 0 : 0 &- left.digits) }
                var quotient = left.digits / right.digits
                var rest = left.digits % right.digits
                if rest != 0, (rest < 0) != (right.digits < 0) {
                    rest += right.digits
                    quotient -= 1
                }
                return try integer(filter == .modulo ? rest : quotient)
            }
            return try divide(filter, left, right)
        default: break
        }
        return try combine(filter, left, right)
    }

    /// Pays for reading and computing with a number.
    mutating func chargeNumber(_ value: Value) throws(Failure) {
        switch value.tag {
        case .string: try charge(Work.decimal + Int(value.count) * Work.digit)
        case .double: try charge(Work.fraction)
        default: try charge(Work.decimal)
        }
    }

    /// A number as a filter sees it.
    struct Quantity {
        var digits: Int128 = 0
        var scale = 0
        var isInteger = true
        /// Set if the number is too large or too precise for decimals, or not finite.
        var wide: Double?

        var decimal: Decimal { Decimal(digits, scale: scale) }
        var double: Double { wide ?? decimal.double }

        static func compare(_ a: Quantity, _ b: Quantity) -> Int {
            if a.wide == nil, b.wide == nil { return Decimal.compare(a.decimal, b.decimal) }
            return a.double < b.double ? -1 : a.double > b.double ? 1 : 0
        }
    }

    /// The common case of two small integers; nil if the result does not fit.
    private func small(_ filter: Filter, _ a: Int, _ b: Int) -> Value? {
        let (value, overflow): (Int, Bool)
        switch filter {
        case .plus: (value, overflow) = a.addingReportingOverflow(b)
        case .minus: (value, overflow) = a.subtractingReportingOverflow(b)
        case .times: (value, overflow) = a.multipliedReportingOverflow(by: b)
        case .dividedBy:
            guard b > 0 else { return nil }
            let quotient = a / b
            return .int(a < 0 && quotient * b != a ? quotient - 1 : quotient)
        case .modulo:
            guard b > 0 else { return nil }
            let rest = a % b
            return .int(rest < 0 ? rest + b : rest)
        case .atLeast: return .int(max(a, b))
        case .atMost: return .int(min(a, b))
        default: return nil
        }
        return overflow ? nil : .int(value)
    }

    /// A value as a number: numbers, strings that start with one, and 0 for everything else.
    func number(_ value: Value) -> Quantity {
        switch value.tag {
        case .int: return Quantity(digits: Int128(value.asInt))
        case .big: return Quantity(digits: value.bigInteger)
        case .double: return fraction(value.asDouble)
        case .string:
            let text = value.text
            let trimmed = trimmed(value, left: true, right: true).text
            if Machine.isDecimal(trimmed) {
                if let decimal = Decimal(parsing: trimmed) {
                    return Quantity(digits: decimal.digits, scale: decimal.scale, isInteger: false)
                }
                return Quantity(isInteger: false, wide: Number.parseDouble(trimmed))
            }
            let leading = Machine.leadingInteger(text)
            if leading == Int.max || leading == Int.min, let wide = Number.parseWide(Machine.leadingDigits(trimmed)) {
                return Quantity(digits: wide)
            }
            return Quantity(digits: Int128(leading))
        default: return Quantity()
        }
    }

    /// The leading sign and digits of a text.
    private static func leadingDigits(_ text: ByteSlice) -> ByteSlice {
        var at = text.count > 0 && text[0] == 0x2D ? 1 : 0
        while at < text.count, isDigit(text[at]) { at += 1 }
        return text.slice(0, at)
    }

    private func fraction(_ value: Double) -> Quantity {
        // Decimals have no negative zero.
        let isPlainZero = value == 0 && value.sign == .plus
        guard value.isFinite, abs(value) < 1e30, abs(value) > 1e-20 || isPlainZero else {
            return Quantity(isInteger: false, wide: value)
        }
        let decimal = Decimal(value)
        if decimal.scale < 0 {
            // A large number with trailing zeros is written out.
            guard let power = Decimal.powerOfTen(-decimal.scale) else { return Quantity(isInteger: false, wide: value) }
            return Quantity(digits: decimal.digits * power, scale: 0, isInteger: false)
        }
        return Quantity(digits: decimal.digits, scale: decimal.scale, isInteger: false)
    }

    /// `-?[0-9]+\.[0-9]+`
    private static func isDecimal(_ text: ByteSlice) -> Bool {
        var at = text.count > 0 && text[0] == 0x2D ? 1 : 0
        let start = at
        while at < text.count, isDigit(text[at]) { at += 1 }
        guard at > start, at < text.count, text[at] == 0x2E else { return false }
        let fraction = at + 1
        at = fraction
        while at < text.count, isDigit(text[at]) { at += 1 }
        return at == text.count && at > fraction
    }

    mutating func integer(_ value: Int128) throws(Failure) -> Value {
        if let small = Int(exactly: value) { return .int(small) }
        let place = try allocate(16)
        place.initializeMemory(as: Int128.self, to: value)
        return Value(tag: .big, bits: UInt64(UInt(bitPattern: place)))
    }

    mutating func result(_ number: Quantity) throws(Failure) -> Value {
        number.isInteger && number.wide == nil ? try integer(number.digits) : .double(number.double)
    }

    mutating func combine(_ filter: Filter, _ a: Quantity, _ b: Quantity) throws(Failure) -> Value {
        if a.wide == nil, b.wide == nil {
            let decimal: Decimal?
            switch filter {
            case .plus: decimal = Decimal.add(a.decimal, b.decimal)
            case .minus: decimal = Decimal.add(a.decimal, Decimal(0 &- b.digits, scale: b.scale))
            default: decimal = Decimal.multiply(a.decimal, b.decimal)
            }
            if let decimal {
                if a.isInteger, b.isInteger { return try integer(decimal.digits) }
                if decimal.digits == 0, filter == .times { return .double(zero(a, b)) }
                return .double(decimal.double)
            }
        }
        switch filter {
        case .plus: return .double(a.double + b.double)
        case .minus: return .double(a.double - b.double)
        default: return .double(a.double * b.double)
        }
    }

    /// Zero with the sign of a product or quotient of these numbers.
    private func zero(_ a: Quantity, _ b: Quantity) -> Double {
        (a.digits < 0) != (b.digits < 0) ? -0.0 : 0.0
    }

    private mutating func divide(_ filter: Filter, _ a: Quantity, _ b: Quantity) throws(Failure) -> Value {
        let isZero = b.wide == nil ? b.digits == 0 : b.wide == 0
        // As in the reference, a decimal division by zero gives infinity, but a remainder fails.
        if isZero, filter == .dividedBy {
            let sign = a.wide.map { $0 == 0 ? 0 : $0 < 0 ? -1 : 1 } ?? a.digits.signum()
            return .double(sign == 0 ? .nan : sign < 0 ? -.infinity : .infinity)
        }
        if isZero { throw fail(.zeroDivision, "Something is divided by 0. Check the divisor.") }
        if a.wide == nil, b.wide == nil {
            try charge(Work.division)
            if filter == .modulo {
                if let rest = Decimal.remainder(a.decimal, b.decimal) { return .double(rest.double) }
            } else if let quotient = Decimal.divide(a.decimal, b.decimal) {
                return .double(a.digits == 0 ? zero(a, b) : quotient.double)
            }
        }
        if filter == .dividedBy { return .double(a.double / b.double) }
        let rest = a.double.truncatingRemainder(dividingBy: b.double)
        if rest == 0 { return .double(0) }
        return .double((rest < 0) != (b.double < 0) ? rest + b.double : rest)
    }

    private mutating func refuseUnbounded(_ number: Quantity) throws(Failure) {
        if let wide = number.wide, !wide.isFinite { throw fail("Infinity and NaN cannot be rounded.") }
    }

    /// A whole number of any size: an integer if it fits, else its digits as text.
    private mutating func written(_ value: Double) throws(Failure) -> Value {
        let decimal = Decimal(value)
        if decimal.scale >= 0 { return try integer(decimal.rounded(.down).digits) }
        let start = output.count
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 48) { digits in
            let base = digits.baseAddress.unsafelyUnwrapped
            output.append(ByteSlice(base: base, count: Number.write(wide: decimal.digits, to: base)))
        }
        for _ in 0..<(0 - decimal.scale) { output.append(0x30) }
        return try takeOutput(from: start)
    }

    private mutating func round(_ value: Quantity, _ given: Arguments) throws(Failure) -> Value {
        let places = given.count > 0 ? number(given.first) : Quantity()
        // More places than a number can have change nothing.
        let whole = places.decimal.rounded(places.digits < 0 ? .up : .down).digits
        guard places.wide == nil, Int32(exactly: whole) != nil else {
            throw fail("'round' takes a small number of places.")
        }
        let count = max(-60, min(60, Int(whole)))
        if let wide = value.wide { return count > 0 ? .double(wide) : try written(wide.rounded()) }
        if value.isInteger, count >= 0 { return try integer(value.digits) }
        let rounded = value.decimal.rounded(.half, places: count)
        let isZero = places.digits == 0
        if isZero || value.isInteger || count < 0 {
            guard count < 0 else { return try integer(rounded.digits) }
            guard let power = Decimal.powerOfTen(-count) else { return .int(0) }
            let (digits, overflow) = rounded.digits.multipliedReportingOverflow(by: power)
            return overflow ? .int(0) : try integer(digits)
        }
        return .double(rounded.double)
    }
}
