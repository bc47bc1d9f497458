/// Lower-case hexadecimal text, two digits per byte (RFC 4648 §8).
public enum Hex {
    /// Two lower-case digits for each byte.
    public static func encode(_ bytes: [UInt8]) -> String {
        String(unsafeUninitializedCapacity: bytes.count * 2) { output in
            var index = 0
            for byte in bytes {
                output[index] = digit(byte >> 4)
                output[index + 1] = digit(byte & 0x0F)
                index += 2
            }
            return index
        }
    }

    /// Decodes hexadecimal text. The digits may be of either case.
    ///
    /// - Throws: ``TextDecodingError`` for an odd number of digits or any other character.
    public static func decode(_ text: String) throws(TextDecodingError) -> [UInt8] {
        let digits = text.utf8
        guard digits.count % 2 == 0 else {
            throw TextDecodingError(encoding: "hexadecimal", problem: "it has an odd number of digits")
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        var high: UInt8?
        for (index, character) in digits.enumerated() {
            guard let value = value(character) else {
                throw TextDecodingError(
                    encoding: "hexadecimal", problem: "byte \(index) is not one of 0-9, a-f or A-F")
            }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return bytes
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    private static func value(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
