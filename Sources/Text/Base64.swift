/// Base64 (RFC 4648 §4) and base64url for URLs, tokens and JWTs (§5).
public enum Base64 {
    /// Standard base64 with padding and no line breaks.
    public static func encode(_ bytes: [UInt8]) -> String {
        string(bytes, standard, padded: true)
    }

    /// Base64url without padding, as JWTs and VAPID require.
    public static func encodeURL(_ bytes: [UInt8]) -> String {
        string(bytes, urlSafe, padded: false)
    }

    /// Standard base64 with padding as ASCII bytes, broken by CR LF after every `lineLength` characters.
    ///
    /// For MIME bodies (RFC 2045 §6.8: at most 76). The last line ends without a break. `lineLength` is a positive
    /// multiple of 4.
    public static func encodeLines(_ bytes: [UInt8], lineLength: Int = 76) -> [UInt8] {
        precondition(lineLength > 0 && lineLength % 4 == 0, "A base64 line holds a positive multiple of 4 characters.")
        let bytesPerLine = lineLength / 4 * 3
        let lines = (bytes.count + bytesPerLine - 1) / bytesPerLine
        let capacity = encodedCount(bytes.count, padded: true) + 2 * max(lines - 1, 0)
        return [UInt8](unsafeUninitializedCapacity: capacity) { output, count in
            bytes.withUnsafeBufferPointer { input in
                var start = 0
                while start < input.count {
                    if start > 0 {
                        output[count] = 0x0D
                        output[count + 1] = 0x0A
                        count += 2
                    }
                    let end = min(start + bytesPerLine, input.count)
                    let line = UnsafeBufferPointer(rebasing: input[start..<end])
                    let rest = UnsafeMutableBufferPointer(rebasing: output[count...])
                    count += write(line, to: rest, standard, padded: true)
                    start = end
                }
            }
        }
    }

    /// Decodes standard base64, with or without padding.
    ///
    /// - Throws: ``TextDecodingError`` for a character outside the alphabet (including line breaks), a wrong length,
    ///   misplaced padding or set bits after the last byte.
    public static func decode(_ text: String) throws(TextDecodingError) -> [UInt8] {
        try decode(text, values: standardValues, name: "base64")
    }

    /// Decodes base64url, with or without padding.
    ///
    /// - Throws: ``TextDecodingError`` as for ``decode(_:)``.
    public static func decodeURL(_ text: String) throws(TextDecodingError) -> [UInt8] {
        try decode(text, values: urlSafeValues, name: "base64url")
    }

    /// Decodes base64 leniently: either alphabet or both, with or without padding, and with any bits after the last
    /// byte. Nil for a character outside both alphabets, a character after the padding, or an impossible length.
    public static func decodeAny(_ text: some Collection<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3 + 3)
        var group: UInt32 = 0
        var digits = 0
        var hasEnded = false
        for byte in text {
            if byte == padding {
                hasEnded = true
                continue
            }
            let value = min(standardValues[Int(byte)], urlSafeValues[Int(byte)])
            guard value != foreign, !hasEnded else { return nil }
            group = group << 6 | UInt32(value)
            digits += 1
            guard digits == 4 else { continue }
            for shift: UInt32 in [16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: group >> shift)) }
            (group, digits) = (0, 0)
        }
        switch digits {
        case 0: break
        case 2: bytes.append(UInt8(truncatingIfNeeded: group >> 4))
        case 3:
            bytes.append(UInt8(truncatingIfNeeded: group >> 10))
            bytes.append(UInt8(truncatingIfNeeded: group >> 2))
        default: return nil
        }
        return bytes
    }

    // MARK: - Encoding

    /// The 64 characters, and the pairs of them for twelve bits at once.
    private struct Alphabet {
        let characters: [UInt8]
        let pairs: [UInt16]

        init(_ text: StaticString) {
            let characters = text.withUTF8Buffer { Array($0) }
            self.characters = characters
            // In memory, the character of the upper six bits comes first.
            pairs = characters.flatMap { first in
                characters.map { UInt16(littleEndian: UInt16($0) << 8 | UInt16(first)) }
            }
        }
    }

    private static let standard = Alphabet("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    private static let urlSafe = Alphabet("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    private static let padding = UInt8(ascii: "=")

    private static func encodedCount(_ count: Int, padded: Bool) -> Int {
        padded ? (count + 2) / 3 * 4 : (count * 4 + 2) / 3
    }

    private static func string(_ bytes: [UInt8], _ alphabet: Alphabet, padded: Bool) -> String {
        String(unsafeUninitializedCapacity: encodedCount(bytes.count, padded: padded)) { output in
            bytes.withUnsafeBufferPointer { write($0, to: output, alphabet, padded: padded) }
        }
    }

    /// Appends the text of bytes: standard base64 with padding and no line breaks.
    ///
    /// - Parameters:
    ///   - bytes: the bytes.
    ///   - text: receives the text.
    public static func append(_ bytes: [UInt8], to text: inout [UInt8]) {
        text.append(addingCapacity: encodedCount(bytes.count, padded: true)) { span in
            span.withUnsafeMutableBufferPointer { output, count in
                count = bytes.withUnsafeBufferPointer { write($0, to: output, standard, padded: true) }
            }
        }
    }

    /// Writes the text of `input` and returns its length. `output` must have room for `encodedCount` bytes.
    private static func write(
        _ input: UnsafeBufferPointer<UInt8>, to output: UnsafeMutableBufferPointer<UInt8>, _ alphabet: Alphabet,
        padded: Bool
    ) -> Int {
        precondition(output.count >= encodedCount(input.count, padded: padded))
        guard let source = input.baseAddress, let target = UnsafeMutableRawPointer(output.baseAddress) else { return 0 }
        // Every index below is within the input, and within the output by the precondition.
        return alphabet.pairs.withUnsafeBufferPointer { pairs in
            var read = 0
            var written = 0
            while read + 3 <= input.count {
                let group = Int(source[read]) << 16 | Int(source[read + 1]) << 8 | Int(source[read + 2])
                target.storeBytes(of: pairs[group >> 12], toByteOffset: written, as: UInt16.self)
                target.storeBytes(of: pairs[group & 0xfff], toByteOffset: written + 2, as: UInt16.self)
                read += 3
                written += 4
            }
            let rest = input.count - read
            guard rest > 0 else { return written }
            let group = Int(source[read]) << 16 | (rest == 2 ? Int(source[read + 1]) << 8 : 0)
            target.storeBytes(of: pairs[group >> 12], toByteOffset: written, as: UInt16.self)
            written += 2
            if rest == 2 {
                output[written] = alphabet.characters[group >> 6 & 63]
                written += 1
            }
            if padded {
                for _ in rest..<3 {
                    output[written] = padding
                    written += 1
                }
            }
            return written
        }
    }

    // MARK: - Decoding

    private static let foreign: UInt8 = 0xFF
    private static let standardValues = values(of: standard.characters)
    private static let urlSafeValues = values(of: urlSafe.characters)

    private static func values(of alphabet: [UInt8]) -> [UInt8] {
        var values = [UInt8](repeating: foreign, count: 256)
        for (value, character) in alphabet.enumerated() {
            values[Int(character)] = UInt8(value)
        }
        return values
    }

    private static func decode(
        _ text: String, values: [UInt8], name: String
    ) throws(TextDecodingError) -> [UInt8] {
        let characters = Array(text.utf8)
        var end = characters.count
        while end > 0, characters.count - end < 2, characters[end - 1] == padding { end -= 1 }
        guard end % 4 != 1, end == characters.count || characters.count % 4 == 0 else {
            throw TextDecodingError(encoding: name, problem: "\(characters.count) characters cannot be whole bytes")
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(end * 3 / 4)
        var group: UInt32 = 0
        for index in 0..<end {
            let value = values[Int(characters[index])]
            guard value != foreign else {
                throw TextDecodingError(encoding: name, problem: "byte \(index) is not in its alphabet")
            }
            group = group << 6 | UInt32(value)
            if index % 4 == 3 {
                bytes.append(UInt8(truncatingIfNeeded: group >> 16))
                bytes.append(UInt8(truncatingIfNeeded: group >> 8))
                bytes.append(UInt8(truncatingIfNeeded: group))
                group = 0
            }
        }
        let leftover: UInt32
        switch end % 4 {
        case 2:
            bytes.append(UInt8(truncatingIfNeeded: group >> 4))
            leftover = group & 0x0F
        case 3:
            bytes.append(UInt8(truncatingIfNeeded: group >> 10))
            bytes.append(UInt8(truncatingIfNeeded: group >> 2))
            leftover = group & 0x03
        default:
            leftover = 0
        }
        // Two spellings of one value would allow a signed token to be changed without changing its bytes.
        guard leftover == 0 else {
            throw TextDecodingError(encoding: name, problem: "bits are set after the last byte")
        }
        return bytes
    }
}
