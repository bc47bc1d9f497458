import Glibc

/// Bytes owned by someone else: a template's source, a profile's JSON or the renderer's scratch arena.
///
/// The pointer is only read while its owner is alive. A `Program` owns its sources for its whole life, and the
/// renderer retains the program and the data during a render.
struct ByteSlice {
    var base: UnsafePointer<UInt8>
    var count: Int

    /// The empty slice; its pointer is never read.
    static var empty: ByteSlice { ByteSlice(base: UnsafePointer(emptyByte), count: 0) }

    @inline(__always)
    subscript(index: Int) -> UInt8 { base[index] }

    @inline(__always)
    func slice(_ from: Int, _ to: Int) -> ByteSlice { ByteSlice(base: base + from, count: to - from) }

    /// The same text without leading and trailing ASCII whitespace and NULs, as in Ruby's `strip`.
    func trimmed() -> ByteSlice {
        var low = 0
        var high = count
        while low < high, isSpace(base[low]) { low += 1 }
        while high > low, isSpace(base[high - 1]) { high -= 1 }
        return slice(low, high)
    }

    /// The same text without white space at an end that holds a line break.
    var withoutOuterLineBreaks: ByteSlice {
        var low = 0
        var high = count
        while low < high, isSpace(base[low]) { low += 1 }
        while high > low, isSpace(base[high - 1]) { high -= 1 }
        func holdsBreak(_ from: Int, _ to: Int) -> Bool {
            index(of: 0x0A, from: from, to: to) != nil || index(of: 0x0D, from: from, to: to) != nil
        }
        return slice(holdsBreak(0, low) ? low : 0, holdsBreak(high, count) ? high : count)
    }

    @inline(__always)
    func equals(_ other: ByteSlice) -> Bool {
        count == other.count && (count == 0 || memcmp(base, other.base, count) == 0)
    }

    func equals(_ literal: StaticString) -> Bool {
        count == literal.utf8CodeUnitCount && memcmp(base, literal.utf8Start, count) == 0
    }

    func hasPrefix(_ literal: StaticString) -> Bool {
        count >= literal.utf8CodeUnitCount && memcmp(base, literal.utf8Start, literal.utf8CodeUnitCount) == 0
    }

    /// The bytes as a Swift string, with invalid UTF-8 replaced. For messages only.
    var string: String { String(decoding: UnsafeBufferPointer(start: base, count: count), as: UTF8.self) }

    /// Whether every byte is ASCII. Checks eight bytes at a time.
    var isASCII: Bool {
        var at = 0
        let raw = UnsafeRawPointer(base)
        while at + 8 <= count {
            if raw.loadUnaligned(fromByteOffset: at, as: UInt64.self) & 0x8080_8080_8080_8080 != 0 { return false }
            at += 8
        }
        while at < count {
            if base[at] >= 0x80 { return false }
            at += 1
        }
        return true
    }

    /// The number of characters as counted by Ruby: Unicode scalars, that is all bytes except continuation bytes.
    var characterCount: Int {
        if isASCII { return count }
        var total = 0
        for at in 0..<count where base[at] & 0xC0 != 0x80 { total += 1 }
        return total
    }

    /// The byte offset of character `index`, or `count` if it is past the end.
    func offset(ofCharacter index: Int) -> Int {
        var left = index
        var at = 0
        while at < count {
            if left == 0 { return at }
            left -= 1
            at += 1
            while at < count, base[at] & 0xC0 == 0x80 { at += 1 }
        }
        return count
    }
}

/// One byte that lives as long as the process, so that an empty slice has an address. Sharing it is safe because it
/// is never written after initialisation.
nonisolated(unsafe) private let emptyByte: UnsafeMutablePointer<UInt8> = {
    let byte = UnsafeMutablePointer<UInt8>.allocate(capacity: 8)
    byte.initialize(repeating: 0, count: 8)
    return byte
}()

/// Whether the byte is ASCII whitespace as in Ruby's `\s`, including vertical tab.
@inline(__always)
func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }

@inline(__always)
func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

/// `[a-zA-Z0-9_]`
@inline(__always)
func isWord(_ byte: UInt8) -> Bool {
    (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || byte == 0x5F
}

/// `[a-zA-Z_]`
@inline(__always)
func isIdentifierStart(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 || byte == 0x5F }

/// A 16-bit hash of a key. It is compared together with the length before any bytes are.
@inline(__always)
func keyHash(_ base: UnsafePointer<UInt8>, _ count: Int) -> UInt16 {
    var hash: UInt32 = 0x811C_9DC5 ^ UInt32(truncatingIfNeeded: count)
    for at in 0..<count { hash = (hash ^ UInt32(base[at])) &* 0x0100_0193 }
    return UInt16(truncatingIfNeeded: hash ^ (hash >> 16))
}

extension ByteSlice {
    /// The first `byte` in `from..<to`.
    @inline(__always)
    func index(of byte: UInt8, from: Int, to: Int) -> Int? {
        guard from < to, let hit = memchr(base + from, Int32(byte), to - from) else { return nil }
        return UnsafeRawPointer(base).distance(to: UnsafeRawPointer(hit))
    }
}
