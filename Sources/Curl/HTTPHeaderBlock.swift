import Text

/// The header fields of a response, kept as received and searched on demand.
///
/// Takes one allocation per response, because provider adapters read one or two of about twenty fields.
public struct HTTPHeaderBlock: Sendable {
    /// `Name: value` lines, each ended by CR LF or LF, without the status line.
    let bytes: [UInt8]

    /// The first value of the named field, without surrounding whitespace; nil when there is none.
    ///
    /// Names are compared without regard to ASCII case. Bytes that are not UTF-8 are replaced.
    public subscript(_ name: String) -> String? {
        var name = name
        return name.withUTF8 { name in
            var found: String?
            forEachLine { line in
                guard let value = Self.value(of: name, in: line) else { return true }
                found = String(decoding: value, as: UTF8.self)
                return false
            }
            return found
        }
    }

    /// Every field, in the order received.
    public var fields: [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = []
        forEachLine { line in
            if let colon = line.firstIndex(of: UInt8(ascii: ":")) {
                let name = String(decoding: line[..<colon], as: UTF8.self)
                fields.append((name, String(decoding: Self.trimmed(line[(colon + 1)...]), as: UTF8.self)))
            }
            return true
        }
        return fields
    }

    /// Calls `body` with each line until it returns false.
    private func forEachLine(_ body: (UnsafeBufferPointer<UInt8>.SubSequence) -> Bool) {
        bytes.withUnsafeBufferPointer { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let end = rest.firstIndex(of: 0x0A) ?? rest.endIndex
                guard body(rest[rest.startIndex..<end]) else { return }
                rest = rest[min(end + 1, rest.endIndex)...]
            }
        }
    }

    private static func value(
        of name: UnsafeBufferPointer<UInt8>, in line: UnsafeBufferPointer<UInt8>.SubSequence
    ) -> UnsafeBufferPointer<UInt8>.SubSequence? {
        guard line.count > name.count, line[line.startIndex + name.count] == UInt8(ascii: ":") else { return nil }
        for (left, right) in zip(line, name) where left.asciiLowercased != right.asciiLowercased { return nil }
        return trimmed(line[(line.startIndex + name.count + 1)...])
    }

    private static func trimmed(
        _ slice: UnsafeBufferPointer<UInt8>.SubSequence
    ) -> UnsafeBufferPointer<UInt8>.SubSequence {
        var slice = slice
        while let first = slice.first, first == 0x20 || first == 0x09 { slice = slice.dropFirst() }
        while let last = slice.last, last <= 0x20 { slice = slice.dropLast() }
        return slice
    }
}
