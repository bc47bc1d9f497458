/// Parses JSON into values. Strings without escapes stay in place; everything else is copied to the arena.
struct DataReader {
    let text: ByteSlice
    let maxDepth: Int
    /// The children of the open arrays and objects.
    var stack: [Value] = []
    private(set) var at = 0
    private(set) var problem = "it ends too early"

    init(text: ByteSlice, maxDepth: Int) {
        self.text = text
        self.maxDepth = maxDepth
    }

    /// The value of the text, or nil with the reason in `problem`. The text must be followed by a zero byte.
    mutating func read(_ arena: inout Arena) -> Value? {
        guard let value = value(&arena, depth: 0) else { return nil }
        skipSpace()
        guard at == text.count else { return fail("there is text after the object") }
        return value
    }

    private mutating func fail(_ reason: StaticString) -> Value? {
        problem = reason.description
        return nil
    }

    @inline(__always)
    private mutating func skipSpace() {
        while text[at] == 0x20 || text[at] == 0x0A || text[at] == 0x0D || text[at] == 0x09 { at += 1 }
    }

    private mutating func value(_ arena: inout Arena, depth: Int) -> Value? {
        skipSpace()
        switch text[at] {
        case 0x22: return string(&arena)
        case 0x7B: return object(&arena, depth: depth)
        case 0x5B: return array(&arena, depth: depth)
        case 0x74: return word("true", .bool(true))
        case 0x66: return word("false", .bool(false))
        case 0x6E: return word("null", .null)
        case 0x2D, 0x30...0x39: return number(&arena)
        default: return fail(at >= text.count ? "it ends too early" : "there is an unexpected character")
        }
    }

    private mutating func word(_ literal: StaticString, _ value: Value) -> Value? {
        guard text.slice(at, text.count).hasPrefix(literal) else { return fail("there is an unknown word") }
        at += literal.utf8CodeUnitCount
        return value
    }

    private mutating func array(_ arena: inout Arena, depth: Int) -> Value? {
        guard depth < maxDepth else { return fail("it is nested too deeply") }
        at += 1
        let bottom = stack.count
        skipSpace()
        if text[at] == 0x5D {
            at += 1
            return .array(nil, 0)
        }
        while true {
            guard let element = value(&arena, depth: depth + 1) else { return nil }
            stack.append(element)
            skipSpace()
            let byte = text[at]
            at += 1
            if byte == 0x5D { break }
            guard byte == 0x2C else { return fail("',' or ']' is missing") }
        }
        let count = stack.count - bottom
        guard let place = take(bottom, &arena) else { return fail("the data takes too much memory") }
        return .array(UnsafePointer(place.assumingMemoryBound(to: Value.self)), count)
    }

    private mutating func object(_ arena: inout Arena, depth: Int) -> Value? {
        guard depth < maxDepth else { return fail("it is nested too deeply") }
        at += 1
        let bottom = stack.count
        skipSpace()
        if text[at] == 0x7D {
            at += 1
            return Value(tag: .object)
        }
        var seen: UInt64 = 0
        while true {
            skipSpace()
            guard text[at] == 0x22 else { return fail("a name in quotes is missing") }
            guard var key = string(&arena) else { return nil }
            key.aux = keyHash(key.text.base, key.text.count)
            skipSpace()
            guard text[at] == 0x3A else { return fail("':' is missing") }
            at += 1
            guard let member = value(&arena, depth: depth + 1) else { return nil }
            // The last value of a duplicate name wins. One bit of the hash rules out most names.
            let bit: UInt64 = 1 << UInt64(key.aux & 63)
            // A large object is handled by its index instead.
            if seen & bit == 0 || stack.count - bottom > 2 * ObjectIndex.threshold
                || !replace(key, member, from: bottom)
            {
                stack.append(key)
                stack.append(member)
            }
            seen |= bit
            skipSpace()
            let byte = text[at]
            at += 1
            if byte == 0x7D { break }
            guard byte == 0x2C else { return fail("',' or '}' is missing") }
        }
        let count = (stack.count - bottom) / 2
        guard let place = take(bottom, &arena) else { return fail("the data takes too much memory") }
        if count > ObjectIndex.threshold {
            guard let indexed = ObjectIndex.build(place, count, &arena) else {
                return fail("the data takes too much memory")
            }
            return indexed
        }
        return Value(tag: .object, bits: UInt64(UInt(bitPattern: place)), count: count)
    }

    private mutating func replace(_ key: Value, _ value: Value, from bottom: Int) -> Bool {
        var index = bottom
        while index < stack.count {
            if stack[index].aux == key.aux, stack[index].text.equals(key.text) {
                stack[index + 1] = value
                return true
            }
            index += 2
        }
        return false
    }

    /// Moves the values above `bottom` from the stack to the arena.
    private mutating func take(_ bottom: Int, _ arena: inout Arena) -> UnsafeMutableRawPointer? {
        let count = stack.count - bottom
        guard let place = arena.allocate(count * MemoryLayout<Value>.stride) else { return nil }
        stack.withUnsafeBytes { bytes in
            let from = UnsafeRawBufferPointer(rebasing: bytes[(bottom * MemoryLayout<Value>.stride)...])
            if let base = from.baseAddress { place.copyMemory(from: base, byteCount: from.count) }
        }
        stack.removeSubrange(bottom...)
        return place
    }

    // MARK: Scalars

    private mutating func number(_ arena: inout Arena) -> Value? {
        let start = at
        if text[at] == 0x2D { at += 1 }
        guard isDigit(text[at]) else { return fail("a number is not complete") }
        if text[at] == 0x30, isDigit(text[at + 1]) { return fail("a number starts with 0") }
        while isDigit(text[at]) { at += 1 }
        var isInteger = true
        if text[at] == 0x2E {
            isInteger = false
            at += 1
            guard isDigit(text[at]) else { return fail("a number is not complete") }
            while isDigit(text[at]) { at += 1 }
        }
        if text[at] | 0x20 == 0x65 {
            isInteger = false
            at += 1
            if text[at] == 0x2B || text[at] == 0x2D { at += 1 }
            guard isDigit(text[at]) else { return fail("a number is not complete") }
            while isDigit(text[at]) { at += 1 }
        }
        let slice = text.slice(start, at)
        if isInteger {
            if let small = Number.parseInteger(slice) { return .int(small) }
            if let wide = Number.parseWide(slice) {
                guard let place = arena.allocate(16) else { return fail("the data takes too much memory") }
                place.initializeMemory(as: Int128.self, to: wide)
                return Value(tag: .big, bits: UInt64(UInt(bitPattern: place)))
            }
        }
        let double = Number.parseDouble(slice)
        return double.isFinite ? .double(double) : fail("a number is too large")
    }

    private mutating func string(_ arena: inout Arena) -> Value? {
        at += 1
        let start = at
        var sawHigh: UInt8 = 0
        while true {
            let byte = text[at]
            if byte == 0x22 { break }
            if byte == 0x5C { return escapedString(start, &arena) }
            if byte < 0x20 {
                return fail(at >= text.count ? "it ends too early" : "a string contains a control character")
            }
            sawHigh |= byte
            at += 1
        }
        let slice = text.slice(start, at)
        at += 1
        if sawHigh >= 0x80, !slice.isValidUTF8 { return fail("a string is not UTF-8") }
        return .string(slice)
    }

    private mutating func escapedString(_ start: Int, _ arena: inout Arena) -> Value? {
        var end = at
        while text[end] != 0x22 {
            if end >= text.count { return fail("it ends too early") }
            end += text[end] == 0x5C ? 2 : 1
            if end >= text.count { return fail("it ends too early") }
        }
        let size = end - start
        guard let place = arena.allocate(size + 1) else { return fail("the data takes too much memory") }
        let out = place.assumingMemoryBound(to: UInt8.self)
        var length = 0
        at = start
        while at < end {
            let byte = text[at]
            if byte < 0x20 { return fail("a string contains a control character") }
            if byte != 0x5C {
                out[length] = byte
                length += 1
                at += 1
                continue
            }
            let escape = text[at + 1]
            at += 2
            switch escape {
            case 0x22, 0x5C, 0x2F: out[length] = escape
            case 0x6E: out[length] = 0x0A
            case 0x74: out[length] = 0x09
            case 0x72: out[length] = 0x0D
            case 0x62: out[length] = 0x08
            case 0x66: out[length] = 0x0C
            case 0x75:
                guard let scalar = unicodeEscape() else { return fail("a \\u escape is invalid") }
                length += UTF8Text.write(scalar, to: out + length)
                continue
            default: return fail("a string contains an unknown escape")
            }
            length += 1
        }
        at = end + 1
        arena.shrink(place, from: size + 1, to: length)
        let slice = ByteSlice(base: UnsafePointer(out), count: length)
        if !slice.isValidUTF8 { return fail("a string is not UTF-8") }
        return .string(slice)
    }

    /// Four hexadecimal digits, plus four more for the second half of a surrogate pair.
    private mutating func unicodeEscape() -> UInt32? {
        guard let first = hexadecimal() else { return nil }
        if first & 0xFC00 == 0xD800 {
            guard text[at] == 0x5C, text[at + 1] == 0x75 else { return nil }
            at += 2
            guard let second = hexadecimal(), second & 0xFC00 == 0xDC00 else { return nil }
            return 0x10000 + (first & 0x3FF) << 10 + (second & 0x3FF)
        }
        return first & 0xFC00 == 0xDC00 ? nil : first
    }

    private mutating func hexadecimal() -> UInt32? {
        var value: UInt32 = 0
        for _ in 0..<4 {
            let byte = text[at]
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte - 0x30
            case 0x41...0x46: digit = byte - 0x37
            case 0x61...0x66: digit = byte - 0x57
            default: return nil
            }
            value = value << 4 | UInt32(digit)
            at += 1
        }
        return value
    }
}
