/// A Huffman code of deflate: codes are assigned by length, then by symbol (RFC 1951 §3.2.2).
///
/// Codes of up to ``fastBits`` bits are looked up; longer ones are decoded bit by bit. A table for all 15 bits would cost
/// more to fill than it saves: a hostile text can demand a new table every twenty bytes.
struct HuffmanTable {
    static let maxBits = 15
    static let fastBits = 9

    /// By the next bits, the first in the lowest place: the symbol, shifted by four, and the length; 0 for longer codes.
    private(set) var fast: [UInt16]
    /// How many codes have each length.
    private(set) var counts: [Int]
    /// The symbols, ordered by their codes.
    private(set) var symbols: [UInt16]
    /// Whether every sequence of bits begins with a code.
    let isComplete: Bool

    /// Makes the code.
    ///
    /// - Parameter lengths: the length of each symbol's code; 0: the symbol is not used.
    /// - Throws: ``GzipError`` if more codes are claimed than there are.
    init(lengths: ArraySlice<UInt8>) throws(GzipError) {
        counts = [Int](repeating: 0, count: Self.maxBits + 1)
        for length in lengths { counts[Int(length)] += 1 }
        var left = 1
        for length in 1...Self.maxBits {
            left = left * 2 - counts[length]
            guard left >= 0 else { throw .corrupt("a Huffman code has too many codes") }
        }
        isComplete = left == 0
        var offsets = [Int](repeating: 0, count: Self.maxBits + 2)
        var codes = offsets
        for length in 1...Self.maxBits {
            offsets[length + 1] = offsets[length] + counts[length]
            codes[length + 1] = (codes[length] + counts[length]) << 1
        }
        symbols = [UInt16](repeating: 0, count: offsets[Self.maxBits + 1])
        fast = [UInt16](repeating: 0, count: 1 << Self.fastBits)
        for (symbol, length) in lengths.enumerated() where length > 0 {
            let length = Int(length)
            symbols[offsets[length]] = UInt16(symbol)
            offsets[length] += 1
            let code = codes[length]
            codes[length] += 1
            guard length <= Self.fastBits else { continue }
            // The code's first bit is its highest, but the lowest of the input.
            var place = 0
            for bit in 0..<length where code >> bit & 1 == 1 { place |= 1 << (length - 1 - bit) }
            for index in stride(from: place, to: 1 << Self.fastBits, by: 1 << length) {
                fast[index] = UInt16(symbol) << 4 | UInt16(length)
            }
        }
    }
}
