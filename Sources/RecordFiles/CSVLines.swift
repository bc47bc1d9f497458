public import JSON
import Text

/// Turns the records of a CSV file with a head into the JSON objects that an NDJSON file would hold, each on the line on which
/// its record begins.
public struct CSVLines {
    /// What the records of one piece of a file became.
    public struct Block {
        /// The objects, with blank lines where a record had more than one line or was none.
        public var lines: NDJSONLines
        /// The numbers of the records by their lines.
        public var records: [Int: Int] = [:]
        /// Records that cannot be read.
        public var broken: [(line: Int, sentence: String)] = []
    }

    private let maxRecordBytes: Int
    private var reader: CSVReader
    private var head: [String]?

    /// - Parameter maxRecordBytes: longer records are broken ones.
    public init(maxRecordBytes: Int) {
        self.maxRecordBytes = maxRecordBytes
        reader = CSVReader(maxRecordBytes: maxRecordBytes)
    }

    /// The records that are whole with the next piece of the file; nil is its end.
    public mutating func block(of piece: [UInt8]?) -> Block {
        if let piece { reader.append(piece) } else { reader.finish() }
        var block = Block(lines: NDJSONLines([]))
        var bytes: [UInt8] = []
        var first: Int?
        var next = 0
        while let record = reader.next() {
            block.records[record.line] = record.number
            switch record.content {
            case .broken(let fault): block.broken.append((record.line, fault.sentence))
            case .cells(let cells):
                guard let head else {
                    self.head = cells
                    continue
                }
                guard cells.count <= head.count else {
                    block.broken.append((record.line, "The record has more cells than the header."))
                    continue
                }
                if first == nil { (first, next) = (record.line, record.line) }
                bytes += repeatElement(0x0A, count: record.line - next)
                bytes += Self.object(cells, head)
                bytes.append(0x0A)
                next = record.line + 1
            }
        }
        block.lines = NDJSONLines(bytes, firstLine: first ?? 1, maxLineBytes: maxRecordBytes)
        return block
    }

    private static func object(_ cells: [String], _ head: [String]) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            for (name, value) in zip(head, cells.map(CSVWriter.unguarded)) where !value.isEmpty {
                writer.key(name)
                writer.value(value)
            }
        }
        return writer.take()
    }
}
