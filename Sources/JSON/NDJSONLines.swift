/// The lines of a newline-delimited JSON text that is completely in memory.
///
/// Lines end with LF or CRLF. Blank lines are skipped but counted. The lines are ranges of ``bytes``, so
/// ``JSONDocument/parse(_:in:firstLine:limits:)`` can read them without a copy.
public struct NDJSONLines: Sequence, Sendable {
    /// One line that is not blank.
    public struct Line: Sendable, Hashable {
        /// The line's number, counted from 1 or from the number that the caller gave.
        public let number: Int
        /// The range of the line, without its line end.
        public let range: Range<Int>
        /// Whether the line exceeds the bound and should be rejected without parsing.
        public let isTooLong: Bool
    }

    /// The text.
    public let bytes: [UInt8]
    /// The number of the first line.
    public let firstLine: Int
    /// The longest line in bytes.
    public let maxLineBytes: Int

    /// Makes the sequence; `maxLineBytes` defaults to 1 MiB.
    public init(_ bytes: [UInt8], firstLine: Int = 1, maxLineBytes: Int = 1 << 20) {
        self.bytes = bytes
        self.firstLine = firstLine
        self.maxLineBytes = maxLineBytes
    }

    /// Starts at the first line.
    public func makeIterator() -> Iterator { Iterator(lines: self) }

    /// Walks over the lines.
    public struct Iterator: IteratorProtocol {
        private let lines: NDJSONLines
        private var offset = 0
        private var number: Int

        init(lines: NDJSONLines) {
            self.lines = lines
            number = lines.firstLine
        }

        /// The next line that is not blank, or nil after the last.
        public mutating func next() -> Line? {
            let bytes = lines.bytes
            while offset < bytes.count {
                let first = offset
                let feed = bytes[first...].firstIndex(of: 0x0A) ?? bytes.count
                offset = feed + 1
                defer { number += 1 }
                var last = feed
                if last > first, bytes[last - 1] == 0x0D { last -= 1 }
                let isBlank = bytes[first..<last].allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
                if isBlank { continue }
                return Line(number: number, range: first..<last, isTooLong: last - first > lines.maxLineBytes)
            }
            return nil
        }
    }
}
