import Glibc

/// Equality, order, truth and `contains`.
extension Machine {
    /// Evaluates a branch's condition.
    @inline(__always)
    mutating func test(_ operation: Operation, _ data: TemplateData) throws(Failure) -> Bool {
        let left = try evaluate(Operand(raw: operation.a), data)
        if operation.flag == 0 { return left.isTruthy }
        let right = try evaluate(Operand(raw: operation.b), data)
        if left.tag == .int, right.tag == .int {
            switch operation.flag {
            case Comparison.equal.rawValue: return left.bits == right.bits
            case Comparison.notEqual.rawValue: return left.bits != right.bits
            case Comparison.less.rawValue: return left.asInt < right.asInt
            case Comparison.greater.rawValue: return left.asInt > right.asInt
            case Comparison.lessOrEqual.rawValue: return left.asInt <= right.asInt
            case Comparison.greaterOrEqual.rawValue: return left.asInt >= right.asInt
            default: break
            }
        }
        return try compare(Comparison(rawValue: operation.flag) ?? .unknown, left, right, data)
    }

    @inline(never)
    private mutating func compare(
        _ comparison: Comparison, _ left: Value, _ right: Value, _ data: TemplateData
    ) throws(Failure) -> Bool {
        try charge(Work.comparison)
        switch comparison {
        case .truth: return left.isTruthy
        case .equal: return equalInCondition(left, right)
        case .notEqual: return !equalInCondition(left, right)
        case .contains: return try contains(left, right, data)
        case .unknown:
            throw fail("This condition uses an operator that does not exist. Use ==, !=, <, >, <=, >= or contains.")
        case .less, .greater, .lessOrEqual, .greaterOrEqual: break
        }
        guard let order = try order(left, right) else { return false }
        switch comparison {
        case .less: return order < 0
        case .greater: return order > 0
        case .lessOrEqual: return order <= 0
        default: return order >= 0
        }
    }

    /// `==`, where `blank` and `empty` are tests.
    private mutating func equalInCondition(_ left: Value, _ right: Value) -> Bool {
        if left.tag == .blank || left.tag == .empty { return matches(right, left.tag) }
        if right.tag == .blank || right.tag == .empty { return matches(left, right.tag) }
        return equal(left, right)
    }

    private mutating func matches(_ value: Value, _ literal: Tag) -> Bool {
        switch value.tag {
        case .missing, .null, .no: return literal == .blank
        case .string:
            guard literal == .blank, value.count > 0 else { return value.count == 0 }
            let (isBlank, read) = value.text.blankness
            workLeft &-= read * Work.digit
            return isBlank
        case .array, .object: return value.count == 0
        default: return false
        }
    }

    /// The order for `<` and similar operators. Returns nil if they are never true (nil, booleans, objects); fails
    /// for mixed types.
    private mutating func order(_ left: Value, _ right: Value) throws(Failure) -> Int? {
        if left.isNumber, right.isNumber { return Machine.compareNumbers(left, right) }
        if left.tag == .string, right.tag == .string {
            try charge(Int(min(left.count, right.count)) >> 3)
            return Machine.compareBytes(left.text, right.text)
        }
        let comparable = { (value: Value) in value.isNumber || value.tag == .string || value.tag == .array }
        guard comparable(left), comparable(right) else { return nil }
        if left.tag == .array || right.tag == .array { return nil }
        throw fail("A number and a string cannot be compared by size. Convert one of them, for example with 'plus: 0'.")
    }

    /// `left contains right`
    private mutating func contains(_ left: Value, _ right: Value, _ data: TemplateData) throws(Failure) -> Bool {
        guard left.isTruthy, right.isTruthy else { return false }
        switch left.tag {
        case .string:
            let needle = try makeString(right)
            try chargeSearch(in: left.text, for: needle.text)
            return left.text.find(needle.text) >= 0
        case .array:
            for element in left.elements {
                try charge(Work.comparison)
                if equal(element, right) { return true }
            }
            return false
        case .object:
            try charge(Int(right.count) * 4)
            return right.tag == .string && Machine.find(.key(right.text), in: left) >= 0
        case .range:
            let bounds = left.bounds
            if right.tag == .double {
                return right.asDouble >= Double(bounds.lower) && right.asDouble <= Double(bounds.upper)
            }
            guard right.tag == .int else { return false }
            return right.asInt >= bounds.lower && right.asInt <= bounds.upper
        default: return false
        }
    }

    /// Pays for a search, which is linear in both.
    mutating func chargeSearch(in text: ByteSlice, for needle: ByteSlice) throws(Failure) {
        try charge((text.count + needle.count) * 3)
    }

    /// Whether two values are equal, as in Ruby's `==`. What it reads is paid for, and what is left of the budget is
    /// looked at by the caller's next payment, so that a comparison ends in the middle of nothing.
    mutating func equal(_ a: Value, _ b: Value) -> Bool {
        if a.isNumber, b.isNumber { return Machine.compareNumbers(a, b) == 0 }
        if a.isNil, b.isNil { return true }
        guard a.tag == b.tag else {
            // Outside conditions, the literals `blank` and `empty` are empty strings.
            let empties = { (value: Value) in value.tag == .blank || value.tag == .empty }
            if empties(a) { return empties(b) || (b.tag == .string && b.count == 0) }
            if empties(b) { return a.tag == .string && a.count == 0 }
            return false
        }
        switch a.tag {
        case .string:
            guard a.count == b.count else { return false }
            workLeft &-= Int(a.count) >> 3
            return a.text.equals(b.text)
        case .array:
            guard a.count == b.count else { return false }
            workLeft &-= Int(a.count) &* Work.element
            if a.bits == b.bits { return true }
            for index in 0..<Int(a.count) where !equal(a.elements[index], b.elements[index]) { return false }
            return true
        case .object:
            guard a.count == b.count else { return false }
            workLeft &-= Int(a.count) &* Work.element &* 2
            if a.bits == b.bits { return true }
            for member in a.members {
                let found = Machine.find(member.key, in: b)
                if found < 0 || !equal(member.value, b.members[found].value) { return false }
            }
            return true
        case .range: return a.bounds.lower == b.bounds.lower && a.bounds.upper == b.bounds.upper
        case .forloop, .tablerow, .scope: return a.bits == b.bits
        default: return true
        }
    }

    static func compareBytes(_ a: ByteSlice, _ b: ByteSlice) -> Int {
        let order = memcmp(a.base, b.base, min(a.count, b.count))
        if order != 0 { return order < 0 ? -1 : 1 }
        return a.count < b.count ? -1 : a.count > b.count ? 1 : 0
    }

    static func compareNumbers(_ a: Value, _ b: Value) -> Int {
        if a.tag == .int, b.tag == .int { return a.asInt < b.asInt ? -1 : a.asInt > b.asInt ? 1 : 0 }
        if a.tag != .double, b.tag != .double {
            let left = a.tag == .big ? a.bigInteger : Int128(a.asInt)
            let right = b.tag == .big ? b.bigInteger : Int128(b.asInt)
            return left < right ? -1 : left > right ? 1 : 0
        }
        let left = a.approximate
        let right = b.approximate
        return left < right ? -1 : left > right ? 1 : left == right ? 0 : 2
    }
}

extension Value {
    var isNumber: Bool { tag == .int || tag == .double || tag == .big }

    var approximate: Double {
        switch tag {
        case .int: return Double(asInt)
        case .big: return Double(bigInteger)
        case .double: return asDouble
        default: return 0
        }
    }
}

extension ByteSlice {
    /// Whether it contains only whitespace, including Unicode whitespace, and how many bytes it took to know.
    var blankness: (isBlank: Bool, read: Int) {
        var at = 0
        while at < count {
            let (scalar, length) = scalar(at: at)
            guard isSpace(base[at]) || scalar.properties.isWhitespace else { return (false, at + length) }
            at += length
        }
        return (true, at)
    }
}
