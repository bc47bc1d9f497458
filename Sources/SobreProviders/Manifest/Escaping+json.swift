internal import Text

/// Escapes text for a JSON string. Bodies are mostly one long text with few bytes to escape, so the text is searched
/// eight bytes at a time, and the runs between are copied at once.
extension Escaping {
    static func appendJSON(_ text: UnsafeBufferPointer<UInt8>, to out: inout [UInt8]) {
        var extra = 0
        forEachSpecial(text) { index in extra += escapedCount(text[index]) - 1 }
        guard extra > 0, let source = text.baseAddress else { return out.append(contentsOf: text) }
        let total = text.count + extra
        out.append(addingCapacity: total) { span in
            span.withUnsafeMutableBufferPointer { buffer, count in
                guard var target = buffer.baseAddress else { return }
                var run = 0
                // The buffer has room for every byte and every escape that was counted.
                forEachSpecial(text) { index in
                    target.initialize(from: source + run, count: index - run)
                    target = write(text[index], to: target + (index - run))
                    run = index + 1
                }
                target.initialize(from: source + run, count: text.count - run)
                count = total
            }
        }
    }

    /// Calls `body` with the index of every byte that has an escape, in order.
    @inline(__always)
    private static func forEachSpecial(_ text: UnsafeBufferPointer<UInt8>, _ body: (Int) -> Void) {
        guard let base = text.baseAddress else { return }
        let bytes = UnsafeRawPointer(base)
        var index = 0
        while index + 32 <= text.count {
            // Within the buffer by the condition of the loop.
            let words = (
                special(bytes, index), special(bytes, index + 8), special(bytes, index + 16),
                special(bytes, index + 24)
            )
            if words.0 | words.1 | words.2 | words.3 != 0 {
                forEachByte(words.0, index, body)
                forEachByte(words.1, index + 8, body)
                forEachByte(words.2, index + 16, body)
                forEachByte(words.3, index + 24, body)
            }
            index += 32
        }
        while index < text.count {
            if isSpecial(text[index]) { body(index) }
            index += 1
        }
    }

    @inline(__always)
    private static func isSpecial(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x22 || byte == 0x5c }

    /// The highest bit of each of eight bytes that has an escape. Adding to the lower seven bits of a byte sets its
    /// highest bit when they are at least some value, and never carries into the next byte. Arithmetic on one register;
    /// comparisons of SIMD vectors are calls, one for each lane.
    @inline(__always)
    private static func special(_ bytes: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        let ones: UInt64 = 0x0101_0101_0101_0101
        let low: UInt64 = 0x7f7f_7f7f_7f7f_7f7f
        let printable = (word & low) &+ ones &* 0x60
        let notQuote = ((word ^ (ones &* 0x22)) & low) &+ low
        let notBackslash = ((word ^ (ones &* 0x5c)) & low) &+ low
        // A byte whose own highest bit is set is none of them.
        return ~((printable & notQuote & notBackslash) | word) & ~low
    }

    @inline(__always)
    private static func forEachByte(_ marks: UInt64, _ index: Int, _ body: (Int) -> Void) {
        var marks = marks
        while marks != 0 {
            body(index + marks.trailingZeroBitCount / 8)
            marks &= marks &- 1
        }
    }

    private static func escapedCount(_ byte: UInt8) -> Int {
        switch byte {
        case 0x0a, 0x0d, 0x09, 0x22, 0x5c: 2
        default: 6
        }
    }

    /// Writes the escape of a byte and returns the place after it.
    @inline(__always)
    private static func write(_ byte: UInt8, to target: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8> {
        target[0] = 0x5c
        switch byte {
        case 0x0a: target[1] = UInt8(ascii: "n")
        case 0x0d: target[1] = UInt8(ascii: "r")
        case 0x09: target[1] = UInt8(ascii: "t")
        case 0x22, 0x5c: target[1] = byte
        default:
            target[1] = UInt8(ascii: "u")
            target[2] = UInt8(ascii: "0")
            target[3] = UInt8(ascii: "0")
            target[4] = (byte >> 4).hexadecimalDigit
            target[5] = (byte & 15).hexadecimalDigit
            return target + 6
        }
        return target + 2
    }
}
