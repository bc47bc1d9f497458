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
        /// Why nothing of the file can be read: its columns, with the line that names them.
        public var fault: (line: Int, sentence: String)?
    }

    private let maxRecordBytes: Int
    private var reader: CSVReader
    private let columns: [String]
    private var head: CSVHead?

    /// - Parameters:
    ///   - maxRecordBytes: longer records are broken ones.
    ///   - columns: the names that columns can have; empty for any.
    public init(maxRecordBytes: Int, columns: [String] = []) {
        self.maxRecordBytes = maxRecordBytes
        self.columns = columns
        reader = CSVReader(maxRecordBytes: maxRecordBytes, separator: nil)
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
            case .broken(.utf16): block.fault = (record.line, CSVRecord.Fault.utf16.sentence)
            case .broken(let fault): block.broken.append((record.line, fault.sentence))
            case .cells(let cells):
                guard let head else {
                    let head = CSVHead(cells, known: columns)
                    if let fault = head.fault { block.fault = (record.line, fault) }
                    self.head = head
                    continue
                }
                if let sentence = Self.surplus(cells, head) {
                    block.broken.append((record.line, sentence))
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

    /// What is wrong with cells that belong to no column. Empty ones are not missed: spreadsheets write them.
    private static func surplus(_ cells: [String], _ head: CSVHead) -> String? {
        for (index, cell) in cells.enumerated() where !cell.isEmpty {
            if index >= head.names.count { return "The record has more cells than the header." }
            if head.names[index].isEmpty { return "Column \(index + 1) has no name in the first record." }
        }
        return nil
    }

    private static func object(_ cells: [String], _ head: CSVHead) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            for (name, cell) in zip(head.names, cells) where !cell.isEmpty {
                let value = oneLine(CSVWriter.unguarded(cell))
                if value.isEmpty { continue }
                writer.key(name)
                writer.value(value)
            }
        }
        return writer.take()
    }

    /// A cell's text in one line, for no field of a record has several: line breaks and tabs become one space.
    private static func oneLine(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }) else { return text }
        return text.split { $0.isNewline || $0 == "\t" }.joined(separator: " ")
    }
}
