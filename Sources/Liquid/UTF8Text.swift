/// Encodes and decodes Unicode scalars.
enum UTF8Text {
    /// Writes a scalar (up to 4 bytes) and returns the number of bytes.
    static func write(_ scalar: UInt32, to out: UnsafeMutablePointer<UInt8>) -> Int {
        if scalar < 0x80 {
            out[0] = UInt8(scalar)
            return 1
        }
        if scalar < 0x800 {
            out[0] = 0xC0 | UInt8(scalar >> 6)
            out[1] = 0x80 | UInt8(scalar & 0x3F)
            return 2
        }
        if scalar < 0x10000 {
            out[0] = 0xE0 | UInt8(scalar >> 12)
            out[1] = 0x80 | UInt8(scalar >> 6 & 0x3F)
            out[2] = 0x80 | UInt8(scalar & 0x3F)
            return 3
        }
        out[0] = 0xF0 | UInt8(scalar >> 18 & 7)
        out[1] = 0x80 | UInt8(scalar >> 12 & 0x3F)
        out[2] = 0x80 | UInt8(scalar >> 6 & 0x3F)
        out[3] = 0x80 | UInt8(scalar & 0x3F)
        return 4
    }
}

extension ByteSlice {
    /// Whether the bytes are well-formed UTF-8 (no surrogates, no overlong forms).
    var isValidUTF8: Bool {
        var at = 0
        while at < count {
            let byte = base[at]
            if byte < 0x80 {
                at += 1
                continue
            }
            let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2
            guard byte >= 0xC2, byte <= 0xF4, at + length <= count else { return false }
            for index in 1..<length where base[at + index] & 0xC0 != 0x80 { return false }
            let second = base[at + 1]
            if byte == 0xE0, second < 0xA0 { return false }
            if byte == 0xED, second > 0x9F { return false }
            if byte == 0xF0, second < 0x90 { return false }
            if byte == 0xF4, second > 0x8F { return false }
            at += length
        }
        return true
    }

    /// The scalar at `at` and its length. A malformed byte is returned as its own value.
    func scalar(at: Int) -> (Unicode.Scalar, Int) {
        let byte = base[at]
        if byte < 0x80 { return (Unicode.Scalar(byte), 1) }
        let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2
        guard byte >= 0xC2, at + length <= count else { return ("\u{FFFD}", 1) }
        var value = UInt32(byte) & (length == 2 ? 0x1F : length == 3 ? 0x0F : 0x07)
        for index in 1..<length { value = value << 6 | UInt32(base[at + index] & 0x3F) }
        return (Unicode.Scalar(value) ?? "\u{FFFD}", length)
    }
}
