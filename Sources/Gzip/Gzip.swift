/// Decompresses gzip (RFC 1952) within a bound on its output.
///
/// It is written in Swift, so that bytes from the network reach no C code and the binary needs no zlib.
public enum Gzip {
    /// The most that one byte of deflate can stand for: a match of 258 bytes in two bits (RFC 1951 §3.2.5).
    public static let maxRatio = 1_032

    /// Decompresses one or several members.
    ///
    /// Memory follows the output, which never grows beyond `limit`. Each member's checksum and length are verified.
    ///
    /// - Parameters:
    ///   - bytes: the compressed text.
    ///   - limit: the most bytes that the result may have.
    /// - Returns: the decompressed text.
    /// - Throws: ``GzipError``.
    public static func decompress(_ bytes: [UInt8], atMost limit: Int) throws(GzipError) -> [UInt8] {
        var inflater = Inflater(bytes, limit: limit)
        repeat {
            try skipHeader(&inflater)
            let start = inflater.output.count
            try inflater.inflate()
            let checksum = try inflater.number()
            let count = try inflater.number()
            let member = inflater.output[start...]
            guard checksum == CRC32.checksum(member) else { throw .corrupt("its checksum is wrong") }
            guard count == UInt32(truncatingIfNeeded: member.count) else { throw .corrupt("its length is wrong") }
        } while !inflater.isAtEnd
        return inflater.output
    }

    private static func skipHeader(_ inflater: inout Inflater) throws(GzipError) {
        guard try inflater.byte() == 0x1F, try inflater.byte() == 0x8B, try inflater.byte() == 8 else {
            throw .notGzip
        }
        let flags = try inflater.byte()
        guard flags & 0xE0 == 0 else { throw .notGzip }
        // Time, extra flags and the operating system.
        for _ in 0..<6 { _ = try inflater.byte() }
        if flags & 0x04 != 0 {
            let count = Int(try inflater.byte()) | Int(try inflater.byte()) << 8
            for _ in 0..<count { _ = try inflater.byte() }
        }
        // The file's name and a comment end with a zero.
        if flags & 0x08 != 0 { while try inflater.byte() != 0 {} }
        if flags & 0x10 != 0 { while try inflater.byte() != 0 {} }
        if flags & 0x02 != 0 { for _ in 0..<2 { _ = try inflater.byte() } }
    }
}
