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
        while index + 8 <= text.count {
            // Within the buffer by the condition of the loop.
            let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            if mayHaveSpecial(word) {
                for place in index..<index + 8 where isSpecial(text[place]) { body(place) }
            }
            index += 8
        }
        while index < text.count {
            if isSpecial(text[index]) { body(index) }
            index += 1
        }
    }

    @inline(__always)
    private static func isSpecial(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x22 || byte == 0x5c }

    /// Whether one of eight bytes has an escape: a byte's highest bit is set by a borrow when it is less than another.
    /// Arithmetic on one register; comparisons of SIMD vectors are calls, one for each lane.
    @inline(__always)
    private static func mayHaveSpecial(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let high: UInt64 = 0x8080_8080_8080_8080
        let quote = word ^ (ones &* 0x22)
        let backslash = word ^ (ones &* 0x5c)
        let controls = (word &- ones &* 0x20) & ~word
        return (controls | (quote &- ones) & ~quote | (backslash &- ones) & ~backslash) & high != 0
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
