import Glibc

/// Filters over strings.
extension Machine {
    mutating func text(_ filter: Filter, _ input: Value, _ given: Arguments) throws(Failure) -> Value {
        switch filter {
        case .escape: return input.isNil ? input : try escape(try makeString(input).text)
        case .urlEncode: return input.isNil ? input : try urlEncode(try makeString(input).text)
        case .urlDecode: return input.isNil ? input : try urlDecode(try makeString(input).text)
        case .truncate: return input.isNil ? input : try truncate(input, given)
        case .truncatewords: return input.isNil ? input : try truncateWords(input, given)
        default: break
        }
        let string = try makeString(input)
        let subject = string.text
        switch filter {
        case .upcase: return try changeCase(string, upper: true)
        case .downcase: return try changeCase(string, upper: false)
        case .capitalize: return try capitalize(string)
        case .append: return try joined(string, try makeString(given.first))
        case .prepend: return try joined(try makeString(given.first), string)
        case .strip: return trimmed(string, left: true, right: true)
        case .lstrip: return trimmed(string, left: true, right: false)
        case .rstrip: return trimmed(string, left: false, right: true)
        case .squish: return try squish(string)
        case .escapeOnce: return try escapeOnce(subject)
        case .stripHtml: return marked(try stripHTML(subject), like: string)
        case .stripNewlines: return marked(try replaceNewlines(subject, with: ""), like: string)
        case .newlineToBr: return try breakLines(string)
        case .remove: return try replaceAll(string, try makeString(given.first), .string(.empty, flags: Value.safe))
        case .replace: return try replaceAll(string, try makeString(given.first), try replacement(given))
        case .removeFirst: return try replaceOne(string, try makeString(given.first), .string(.empty), last: false)
        case .replaceFirst:
            return try replaceOne(string, try makeString(given.first), try replacement(given), last: false)
        case .removeLast: return try replaceOne(string, try makeString(given.first), .string(.empty), last: true)
        case .replaceLast:
            return try replaceOne(string, try makeString(given.first), try makeString(given.second), last: true)
        case .split: return try split(subject, try makeString(given.first).text)
        case .base64Encode: return try base64Encode(subject, urlSafe: false)
        case .base64UrlSafeEncode: return try base64Encode(subject, urlSafe: true)
        case .base64Decode: return try base64Decode(subject, urlSafe: false)
        case .base64UrlSafeDecode: return try base64Decode(subject, urlSafe: true)
        default: return string
        }
    }

    /// A part of escaped text is escaped text.
    private func marked(_ value: Value, like source: Value) -> Value {
        var value = value
        value.flags |= source.flags & Value.safe
        return value
    }

    private mutating func replacement(_ given: Arguments) throws(Failure) -> Value {
        given.count > 1 ? try makeString(given.second) : .string(.empty, flags: Value.safe)
    }

    // MARK: Building strings

    /// Allocates room for a string of up to `size` bytes. Fails beyond the limit for computed strings.
    mutating func room(_ size: Int) throws(Failure) -> UnsafeMutablePointer<UInt8> {
        guard size <= options.limits.captureBytes else { throw Failure(kind: .captureLimit) }
        try charge(size)
        return try allocate(size + 1).assumingMemoryBound(to: UInt8.self)
    }

    /// Returns the string in memory from `room`, of which `used` of `size` bytes were written.
    mutating func close(_ base: UnsafeMutablePointer<UInt8>, _ size: Int, _ used: Int, flags: UInt8 = 0) -> Value {
        arena.shrink(UnsafeMutableRawPointer(base), from: size + 1, to: used + 1)
        return .string(ByteSlice(base: UnsafePointer(base), count: used), flags: flags)
    }

    mutating func joined(_ a: Value, _ b: Value) throws(Failure) -> Value {
        let size = Int(a.count) + Int(b.count)
        let out = try room(size)
        out.update(from: a.text.base, count: Int(a.count))
        (out + Int(a.count)).update(from: b.text.base, count: Int(b.count))
        return close(out, size, size, flags: a.flags & b.flags & Value.safe)
    }

    func trimmed(_ value: Value, left: Bool, right: Bool) -> Value {
        let text = value.text
        var low = 0
        var high = text.count
        // Ruby strips whitespace and NUL on the right, and whitespace (with `strip`, also NUL) on the left.
        if left { while low < high, isSpace(text[low]) || text[low] == 0 { low += 1 } }
        if right { while high > low, isSpace(text[high - 1]) || text[high - 1] == 0 { high -= 1 } }
        return .string(text.slice(low, high), flags: value.flags)
    }

    private mutating func squish(_ value: Value) throws(Failure) -> Value {
        let text = trimmed(value, left: true, right: true).text
        let out = try room(text.count)
        var length = 0
        var inSpace = false
        for at in 0..<text.count {
            if isSpace(text[at]) {
                inSpace = true
                continue
            }
            if inSpace {
                out[length] = 0x20
                length += 1
                inSpace = false
            }
            out[length] = text[at]
            length += 1
        }
        return close(out, text.count, length, flags: value.flags)
    }

    // MARK: Letters

    mutating func changeCase(_ value: Value, upper: Bool) throws(Failure) -> Value {
        let text = value.text
        let out = try room(text.count)
        let low: UInt8 = upper ? 0x61 : 0x41
        var high: UInt8 = 0
        for at in 0..<text.count {
            let byte = text[at]
            high |= byte
            out[at] = byte &- low < 26 ? byte ^ 0x20 : byte
        }
        if high < 0x80 { return close(out, text.count, text.count, flags: value.flags) }
        try charge(text.count * Work.unicodeByte)
        var result = ""
        for scalar in text.string.unicodeScalars {
            result += upper ? scalar.properties.uppercaseMapping : scalar.properties.lowercaseMapping
        }
        return try string(result, flags: value.flags)
    }

    private mutating func capitalize(_ value: Value) throws(Failure) -> Value {
        let text = value.text
        guard text.count > 0 else { return value }
        if text.isASCII {
            let out = try room(text.count)
            for at in 0..<text.count {
                let byte = text[at]
                out[at] = byte &- (at == 0 ? 0x61 : 0x41) < 26 ? byte ^ 0x20 : byte
            }
            return close(out, text.count, text.count, flags: value.flags)
        }
        try charge(text.count * Work.unicodeByte)
        var result = ""
        for scalar in text.string.unicodeScalars {
            result += result.isEmpty ? scalar.properties.titlecaseMapping : scalar.properties.lowercaseMapping
        }
        return try string(result, flags: value.flags)
    }

    /// A Swift string as a value.
    mutating func string(_ text: String, flags: UInt8 = 0) throws(Failure) -> Value {
        var text = text
        let size = text.utf8.count
        let out = try room(size)
        text.withUTF8 { bytes in if let base = bytes.baseAddress { out.update(from: base, count: size) } }
        return close(out, size, size, flags: flags)
    }

    // MARK: Replacing

    private mutating func replaceAll(_ value: Value, _ pattern: Value, _ replacement: Value) throws(Failure) -> Value {
        let text = value.text
        let needle = pattern.text
        let flags = value.flags & replacement.flags & Value.safe
        if replacement.text.index(of: 0x5C, from: 0, to: replacement.text.count) != nil {
            return try replaceExpanding(value, needle, replacement, all: true)
        }
        if needle.count == 0 { return try interleave(text, replacement.text) }
        // Found twice: to count, and to copy.
        try chargeSearch(in: text, for: needle)
        try chargeSearch(in: text, for: needle)
        var hits = 0
        var at = text.find(needle)
        while at >= 0 {
            hits += 1
            workLeft &-= Work.element * 2
            at = text.find(needle, from: at + needle.count)
        }
        if hits == 0 { return value }
        let size = text.count + hits * (replacement.text.count - needle.count)
        let out = try room(size)
        var length = 0
        var from = 0
        at = text.find(needle)
        while at >= 0 {
            (out + length).update(from: text.base + from, count: at - from)
            length += at - from
            (out + length).update(from: replacement.text.base, count: replacement.text.count)
            length += replacement.text.count
            from = at + needle.count
            at = text.find(needle, from: from)
        }
        (out + length).update(from: text.base + from, count: text.count - from)
        return close(out, size, size, flags: flags)
    }

    /// An empty pattern matches between all characters, as in Ruby.
    private mutating func interleave(_ text: ByteSlice, _ replacement: ByteSlice) throws(Failure) -> Value {
        let size = text.count + (text.characterCount + 1) * replacement.count
        try charge(text.count * 2 + size)
        let out = try room(size)
        var length = 0
        for at in 0..<text.count {
            if text[at] & 0xC0 != 0x80 {
                (out + length).update(from: replacement.base, count: replacement.count)
                length += replacement.count
            }
            out[length] = text[at]
            length += 1
        }
        (out + length).update(from: replacement.base, count: replacement.count)
        return close(out, size, length + replacement.count)
    }

    private mutating func replaceOne(
        _ value: Value, _ pattern: Value, _ replacement: Value, last: Bool
    ) throws(Failure) -> Value {
        let text = value.text
        let needle = pattern.text
        try chargeSearch(in: text, for: needle)
        if last { try charge((text.count + needle.count) * 4) }
        let at = last ? text.findLast(needle) : text.find(needle)
        if at < 0 { return value }
        if !last, replacement.text.index(of: 0x5C, from: 0, to: replacement.text.count) != nil {
            return try replaceExpanding(value, needle, replacement, all: false)
        }
        let size = text.count - needle.count + replacement.text.count
        let out = try room(size)
        out.update(from: text.base, count: at)
        (out + at).update(from: replacement.text.base, count: replacement.text.count)
        let rest = at + needle.count
        (out + at + replacement.text.count).update(from: text.base + rest, count: text.count - rest)
        return close(out, size, size, flags: value.flags & replacement.flags & Value.safe)
    }

    /// Expands a replacement with backslashes like Ruby's `gsub`: `\\0` and `\\&` are the match, `` \\` `` and `\\'`
    /// the text before and after it, a digit is a group (always empty), and two backslashes are one.
    private mutating func replaceExpanding(
        _ value: Value, _ needle: ByteSlice, _ replacement: Value, all: Bool
    ) throws(Failure) -> Value {
        let text = value.text
        let start = output.count
        var from = 0
        var at = text.find(needle)
        try chargeSearch(in: text, for: needle)
        while at >= 0, at <= text.count {
            if output.isOverfull { throw Failure(kind: .outputLimit) }
            try charge(Work.element * 2 + replacement.text.count * 4)
            output.append(text.slice(from, at))
            expand(replacement.text, text, at, at + needle.count)
            from = at + needle.count
            guard all, output.count - start <= options.limits.captureBytes else { break }
            var next = from
            if needle.count == 0 {
                // The start of the next character, or the end.
                next += 1
                while next < text.count, text[next] & 0xC0 == 0x80 { next += 1 }
            }
            at = next <= text.count ? text.find(needle, from: next) : -1
        }
        output.append(text.slice(from, text.count))
        var result = try takeOutput(from: start)
        result.flags |= value.flags & replacement.flags & Value.safe
        return result
    }

    private mutating func expand(_ pattern: ByteSlice, _ text: ByteSlice, _ from: Int, _ to: Int) {
        var at = 0
        while at < pattern.count {
            let byte = pattern[at]
            guard byte == 0x5C, at + 1 < pattern.count else {
                output.append(byte)
                at += 1
                continue
            }
            switch pattern[at + 1] {
            case 0x30, 0x26: output.append(text.slice(from, to))
            case 0x31...0x39: break
            case 0x60: output.append(text.slice(0, from))
            case 0x27: output.append(text.slice(to, text.count))
            case 0x5C: output.append(0x5C)
            default:
                output.append(0x5C)
                output.append(pattern[at + 1])
            }
            at += 2
        }
    }

    // MARK: Shortening

    private mutating func truncate(_ input: Value, _ given: Arguments) throws(Failure) -> Value {
        let string = try makeString(input)
        let text = string.text
        let length = given.count > 0 ? try integer(given.first) : 50
        let ellipsis = given.count > 1 ? try makeString(given.second).text : Machine.dots
        let total = text.characterCount
        guard total > length else { return string }
        let keep = max(0, length.addingClamped(-ellipsis.characterCount))
        let end = text.offset(ofCharacter: keep)
        let dots = Value.string(ellipsis, flags: given.count > 1 ? given.second.flags : Value.safe)
        return try joined(.string(text.slice(0, end), flags: string.flags), dots)
    }

    private static var dots: ByteSlice {
        let literal: StaticString = "..."
        return ByteSlice(base: literal.utf8Start, count: 3)
    }

    private mutating func truncateWords(_ input: Value, _ given: Arguments) throws(Failure) -> Value {
        let string = try makeString(input)
        let text = string.text
        let wanted = max(1, given.count > 0 ? try integer(given.first) : 15)
        let ellipsis = given.count > 1 ? try makeString(given.second).text : Machine.dots
        let start = output.count
        // A text may have a word for every other byte.
        try charge(text.count * 6)
        var words = 0
        var at = 0
        while true {
            let isAtEnd = at == text.count
            while at < text.count, isSpace(text[at]) { at += 1 }
            // Whitespace after the last word counts as one more word, as in Ruby's `split`.
            if words == wanted, !isAtEnd { break }
            if at == text.count {
                output.truncate(to: start)
                return string
            }
            let from = at
            while at < text.count, !isSpace(text[at]) { at += 1 }
            if words > 0 { output.append(0x20) }
            output.append(text.slice(from, at))
            words += 1
        }
        output.append(ellipsis)
        return try takeOutput(from: start)
    }

    // MARK: Splitting

    private mutating func split(_ text: ByteSlice, _ pattern: ByteSlice) throws(Failure) -> Value {
        let bottom = scratch.count
        defer { scratch.pop(to: bottom) }
        if pattern.count == 0 {
            var at = 0
            while at < text.count {
                var end = at + 1
                while end < text.count, text[end] & 0xC0 == 0x80 { end += 1 }
                scratch.append(.string(text.slice(at, end)))
                at = end
            }
        } else if pattern.count == 1, pattern[0] == 0x20 {
            var at = 0
            while at < text.count {
                while at < text.count, isSpace(text[at]) { at += 1 }
                let from = at
                while at < text.count, !isSpace(text[at]) { at += 1 }
                if at > from { scratch.append(.string(text.slice(from, at))) }
            }
        } else {
            try chargeSearch(in: text, for: pattern)
            var from = 0
            var at = text.find(pattern)
            while at >= 0 {
                scratch.append(.string(text.slice(from, at)))
                from = at + pattern.count
                at = text.find(pattern, from: from)
            }
            scratch.append(.string(text.slice(from, text.count)))
            // Trailing empty parts are dropped.
            while scratch.count > bottom, scratch[scratch.count - 1].count == 0 { scratch.pop(to: scratch.count - 1) }
        }
        try charge((scratch.count - bottom) * Work.element * 2)
        return try array(from: bottom)
    }

    /// The values above `bottom`, as an array.
    mutating func array(from bottom: Int) throws(Failure) -> Value {
        let count = scratch.count - bottom
        let place = try allocate(count * MemoryLayout<Value>.stride)
        let values = place.bindMemory(to: Value.self, capacity: max(1, count))
        values.update(from: scratch.base + bottom, count: count)
        return .array(UnsafePointer(values), count)
    }
}
