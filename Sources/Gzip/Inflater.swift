/// Decompresses deflate (RFC 1951) from bytes in memory.
struct Inflater {
    private let input: [UInt8]
    private let limit: Int
    private var position = 0
    /// Bits that were read and not used; the next is the lowest.
    private var bits: UInt64 = 0
    private var bitCount = 0
    /// What has been decompressed.
    private(set) var output: [UInt8] = []

    init(_ input: [UInt8], limit: Int) {
        self.input = input
        self.limit = limit
    }

    /// Whether all input was used. Call it between members only.
    var isAtEnd: Bool { position == input.count }

    /// The next byte of a header or trailer.
    mutating func byte() throws(GzipError) -> UInt8 {
        guard position < input.count else { throw .truncated }
        position += 1
        return input[position - 1]
    }

    /// The next four bytes as a number.
    mutating func number() throws(GzipError) -> UInt32 {
        var number: UInt32 = 0
        for shift in 0..<4 { number |= UInt32(try byte()) << UInt32(shift * 8) }
        return number
    }

    /// Decompresses all blocks up to the last one, and leaves the input at the next whole byte.
    mutating func inflate() throws(GzipError) {
        var isLast = false
        while !isLast {
            isLast = try take(1) == 1
            switch try take(2) {
            case 0: try copyStored()
            case 1: try decode(Self.fixed.0, Self.fixed.1)
            case 2:
                let (literals, distances) = try readTables()
                try decode(literals, distances)
            default: throw .corrupt("a block has an unknown type")
            }
        }
        returnWholeBytes()
    }

    // MARK: Bits

    private mutating func fill() {
        while bitCount <= 48, position < input.count {
            bits |= UInt64(input[position]) << UInt64(bitCount)
            position += 1
            bitCount += 8
        }
    }

    private mutating func take(_ count: Int) throws(GzipError) -> Int {
        if bitCount < count { fill() }
        guard bitCount >= count else { throw .truncated }
        let value = Int(bits & (1 << UInt64(count) - 1))
        drop(count)
        return value
    }

    private mutating func drop(_ count: Int) {
        bits >>= UInt64(count)
        bitCount -= count
    }

    /// Drops the rest of a byte that has been begun, and returns the whole bytes that were read ahead.
    private mutating func returnWholeBytes() {
        position -= bitCount / 8
        bits = 0
        bitCount = 0
    }

    private mutating func symbol(_ table: HuffmanTable) throws(GzipError) -> Int {
        if bitCount < HuffmanTable.maxBits { fill() }
        let entry = table.fast[Int(bits & (1 << UInt64(HuffmanTable.fastBits) - 1))]
        let length = Int(entry & 15)
        if length > 0 {
            guard length <= bitCount else { throw .truncated }
            drop(length)
            return Int(entry >> 4)
        }
        var code = 0
        var first = 0
        var index = 0
        for length in 1...HuffmanTable.maxBits {
            guard length <= bitCount else { throw .truncated }
            code |= Int(bits >> UInt64(length - 1) & 1)
            let count = table.counts[length]
            if code - first < count {
                drop(length)
                return Int(table.symbols[index + code - first])
            }
            index += count
            first = (first + count) << 1
            code <<= 1
        }
        throw .corrupt("a code is unknown")
    }

    // MARK: Blocks

    private mutating func copyStored() throws(GzipError) {
        returnWholeBytes()
        let count = Int(try byte()) | Int(try byte()) << 8
        let complement = Int(try byte()) | Int(try byte()) << 8
        guard count == complement ^ 0xFFFF else { throw .corrupt("a stored block has a wrong length") }
        guard input.count - position >= count else { throw .truncated }
        guard output.count + count <= limit else { throw .tooLarge(limit: limit) }
        output.append(contentsOf: input[position..<position + count])
        position += count
    }

    private mutating func decode(_ literals: HuffmanTable, _ distances: HuffmanTable) throws(GzipError) {
        while true {
            let symbol = try self.symbol(literals)
            if symbol < 256 {
                guard output.count < limit else { throw .tooLarge(limit: limit) }
                output.append(UInt8(symbol))
                continue
            }
            if symbol == 256 { return }
            guard symbol - 257 < Self.lengths.count else { throw .corrupt("a length is unknown") }
            let (length, lengthBits) = Self.lengths[symbol - 257]
            let count = length + (try take(lengthBits))
            let distanceSymbol = try self.symbol(distances)
            guard distanceSymbol < Self.distances.count else { throw .corrupt("a distance is unknown") }
            let (base, distanceBits) = Self.distances[distanceSymbol]
            let distance = base + (try take(distanceBits))
            guard distance <= output.count else { throw .corrupt("a distance leads before the beginning") }
            guard output.count + count <= limit else { throw .tooLarge(limit: limit) }
            // Source and result may overlap, so this copies byte by byte.
            for index in output.count - distance..<output.count - distance + count { output.append(output[index]) }
        }
    }

    private mutating func readTables() throws(GzipError) -> (HuffmanTable, HuffmanTable) {
        let literalCount = try take(5) + 257
        let distanceCount = try take(5) + 1
        let codeCount = try take(4) + 4
        guard literalCount <= 286, distanceCount <= 30 else { throw .corrupt("a block has too many codes") }
        var codeLengths = [UInt8](repeating: 0, count: 19)
        for place in Self.codeOrder.prefix(codeCount) { codeLengths[place] = UInt8(try take(3)) }
        let codes = try HuffmanTable(lengths: codeLengths[...])
        guard codes.isComplete else { throw .corrupt("the code of code lengths is incomplete") }
        var lengths: [UInt8] = []
        let count = literalCount + distanceCount
        while lengths.count < count {
            let symbol = try self.symbol(codes)
            if symbol < 16 {
                lengths.append(UInt8(symbol))
                continue
            }
            var repeated: UInt8 = 0
            if symbol == 16 {
                guard let last = lengths.last else { throw .corrupt("no length can be repeated yet") }
                repeated = last
            }
            let times = symbol == 16 ? try take(2) + 3 : symbol == 17 ? try take(3) + 3 : try take(7) + 11
            guard lengths.count + times <= count else { throw .corrupt("there are too many code lengths") }
            lengths.append(contentsOf: repeatElement(repeated, count: times))
        }
        guard lengths[256] > 0 else { throw .corrupt("a block has no end") }
        return (
            try table(lengths[..<literalCount]), try table(Array(lengths[literalCount...])[...])
        )
    }

    /// A code of literals or distances. It may only be incomplete with a single symbol (RFC 1951 §3.2.7).
    private func table(_ lengths: ArraySlice<UInt8>) throws(GzipError) -> HuffmanTable {
        let table = try HuffmanTable(lengths: lengths)
        let used = lengths.count { $0 > 0 }
        guard table.isComplete || used == 0 || used == 1 && table.counts[1] == 1 else {
            throw .corrupt("a Huffman code is incomplete")
        }
        return table
    }

    // MARK: Constants of RFC 1951

    private static let codeOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

    /// The smallest length of each symbol from 257 on, and how many bits are added to it.
    private static let lengths: [(Int, Int)] = [
        (3, 0), (4, 0), (5, 0), (6, 0), (7, 0), (8, 0), (9, 0), (10, 0), (11, 1), (13, 1), (15, 1), (17, 1), (19, 2),
        (23, 2), (27, 2), (31, 2), (35, 3), (43, 3), (51, 3), (59, 3), (67, 4), (83, 4), (99, 4), (115, 4), (131, 5),
        (163, 5), (195, 5), (227, 5), (258, 0),
    ]

    private static let distances: [(Int, Int)] = [
        (1, 0), (2, 0), (3, 0), (4, 0), (5, 1), (7, 1), (9, 2), (13, 2), (17, 3), (25, 3), (33, 4), (49, 4), (65, 5),
        (97, 5), (129, 6), (193, 6), (257, 7), (385, 7), (513, 8), (769, 8), (1_025, 9), (1_537, 9), (2_049, 10),
        (3_073, 10), (4_097, 11), (6_145, 11), (8_193, 12), (12_289, 12), (16_385, 13), (24_577, 13),
    ]

    /// The codes of a block without tables of its own (RFC 1951 §3.2.6).
    private static let fixed: (HuffmanTable, HuffmanTable) = {
        let literals =
            [UInt8](repeating: 8, count: 144) + [UInt8](repeating: 9, count: 112) + [UInt8](repeating: 7, count: 24)
            + [UInt8](repeating: 8, count: 8)
        let distances = [UInt8](repeating: 5, count: 32)
        do {
            return (try HuffmanTable(lengths: literals[...]), try HuffmanTable(lengths: distances[...]))
        } catch { preconditionFailure("The lengths of the fixed codes are constants: \(error)") }
    }()
}
