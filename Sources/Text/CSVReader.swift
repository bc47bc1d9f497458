/// Reads comma-separated values record by record (RFC 4180), from a stream in chunks of any size and with bounded
/// memory.
///
/// A line break within quotes belongs to its cell. Records end with CRLF, LF or CR. A byte order mark at the beginning
/// and blank lines are skipped. Two things beyond the RFC are accepted: records may have different numbers of cells, and
/// text after a closing quote belongs to the cell.
public struct CSVReader: Sendable {
    private let maxRecordBytes: Int
    /// Received bytes. Those that belong to no record yet begin at `start`.
    private var bytes: [UInt8] = []
    private var start = 0
    private var nextNumber = 1
    private var nextLine = 1
    private var isAtBeginning = true
    private var isUTF16 = false
    private var hasEnded = false
    /// Whether the rest of a broken line is being discarded.
    private var isSkipping = false
    /// What stands between cells; nil until the first line has shown it.
    private var separator: UInt8?

    /// What spreadsheets put between cells.
    public static let separators: [UInt8] = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")]

    /// - Parameters:
    ///   - maxRecordBytes: longer records are reported as broken.
    ///   - separator: what stands between cells. Nil for whichever of ``separators`` the first line has most of.
    public init(maxRecordBytes: Int, separator: UInt8? = UInt8(ascii: ",")) {
        self.maxRecordBytes = maxRecordBytes
        self.separator = separator
    }

    /// Adds a chunk. Read all records with ``next()`` before adding the next chunk, because unread bytes stay in
    /// memory.
    public mutating func append(_ chunk: [UInt8]) {
        bytes.removeFirst(start)
        start = 0
        bytes += chunk
    }

    /// Marks the end of the input. The last record needs no line end.
    public mutating func finish() { hasEnded = true }

    /// The next record. Nil when more input is needed, and at the end.
    public mutating func next() -> CSVRecord? {
        guard passBeginning() else { return nil }
        if isUTF16 {
            // Nothing of it can be read, so it is one record.
            start = bytes.count
            defer { nextNumber = 2 }
            return nextNumber == 1 ? CSVRecord(number: 1, line: 1, content: .broken(.utf16)) : nil
        }
        guard let separator = separator ?? foundSeparator() else { return nil }
        self.separator = separator
        while true {
            if isSkipping, !skipLine() { return nil }
            guard start < bytes.count else { return nil }
            var scan = Scan(bytes, from: start, separator: separator, atEnd: hasEnded)
            switch scan.run(limit: maxRecordBytes) {
            case .record(let end):
                let isBlank = scan.isBlank
                let record = CSVRecord(number: nextNumber, line: nextLine, content: scan.content)
                pass(to: end)
                if isBlank { continue }
                nextNumber += 1
                return record
            case .needsMore: return nil
            case .unclosed: return broken(.unclosedQuote)
            case .tooLong: return broken(.tooLong)
            }
        }
    }

    /// Reports a broken record and discards only its first line, so that one fault does not lose more than that.
    private mutating func broken(_ fault: CSVRecord.Fault) -> CSVRecord {
        let record = CSVRecord(number: nextNumber, line: nextLine, content: .broken(fault))
        nextNumber += 1
        isSkipping = true
        return record
    }

    private mutating func pass(to end: Int) {
        for index in start..<end {
            let isLoneReturn = bytes[index] == 0x0D && (index + 1 == bytes.count || bytes[index + 1] != 0x0A)
            if bytes[index] == 0x0A || isLoneReturn { nextLine += 1 }
        }
        start = end
    }

    /// Discards the rest of a line. Returns false when its end has not arrived.
    private mutating func skipLine() -> Bool {
        guard let end = bytes[start...].firstIndex(where: { $0 == 0x0A || $0 == 0x0D }) else {
            start = bytes.count
            return false
        }
        guard end + 1 < bytes.count || hasEnded || bytes[end] == 0x0A else {
            start = end
            return false
        }
        pass(to: bytes[end...].starts(with: [0x0D, 0x0A]) ? end + 2 : end + 1)
        isSkipping = false
        return true
    }

    /// The separator of which the first line with words has most outside of quotes; nil while more input is needed. A
    /// line without any has one cell.
    private func foundSeparator() -> UInt8? {
        var counts = Self.separators.map { _ in 0 }
        var isQuoted = false
        var hasWords = false
        for byte in bytes[start...].prefix(maxRecordBytes) {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if isQuoted { continue }
            if byte == 0x0A || byte == 0x0D {
                if hasWords { return best(counts) }
                continue
            }
            if byte > 0x20 { hasWords = true }
            if let index = Self.separators.firstIndex(of: byte) { counts[index] += 1 }
        }
        return hasEnded || bytes.count - start >= maxRecordBytes ? best(counts) : nil
    }

    private func best(_ counts: [Int]) -> UInt8 {
        var found = 0
        for index in counts.indices where counts[index] > counts[found] { found = index }
        return Self.separators[found]
    }

    /// Skips a byte order mark. Returns false while more input is needed to decide.
    private mutating func passBeginning() -> Bool {
        guard isAtBeginning else { return true }
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        if !hasEnded, bytes.count < mark.count, mark.starts(with: bytes) { return false }
        if !hasEnded, bytes.count < 2, bytes[0] >= 0xFE { return false }
        isUTF16 = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
        if bytes.starts(with: mark) { start = mark.count }
        isAtBeginning = false
        return true
    }
}

/// Parses one record from its first byte.
private struct Scan {
    enum End {
        /// The record ends before this position.
        case record(Int)
        case needsMore, unclosed, tooLong
    }

    private let bytes: [UInt8]
    private let start: Int
    private let separator: UInt8
    private let atEnd: Bool
    private var cells: [[UInt8]] = []
    private var cell: [UInt8] = []
    private var hasQuotes = false

    init(_ bytes: [UInt8], from start: Int, separator: UInt8, atEnd: Bool) {
        self.bytes = bytes
        self.separator = separator
        self.start = start
        self.atEnd = atEnd
    }

    /// Whether the record is an empty line or only has spaces and tabs.
    var isBlank: Bool { cells.count == 1 && !hasQuotes && cells[0].allSatisfy { $0 == 0x20 || $0 == 0x09 } }

    var content: CSVRecord.Content {
        var texts: [String] = []
        for cell in cells {
            guard let text = String(validating: cell, as: UTF8.self) else { return .broken(.notUTF8) }
            texts.append(text)
        }
        return .cells(texts)
    }

    mutating func run(limit: Int) -> End {
        var index = start
        var isQuoted = false
        while index < bytes.count {
            let byte = bytes[index]
            let next = index + 1 < bytes.count ? bytes[index + 1] : nil
            let isLineEnd = !isQuoted && (byte == 0x0A || byte == 0x0D)
            guard index - start < limit || isLineEnd else { return isQuoted ? .unclosed : .tooLong }
            // The next byte is needed to interpret a CR, or a quote within quotes.
            if next == nil, !atEnd, byte == 0x0D || byte == 0x22 && isQuoted { return .needsMore }
            index += 1
            switch byte {
            case 0x22 where isQuoted && next == 0x22:
                cell.append(byte)
                index += 1
            case 0x22 where isQuoted: isQuoted = false
            case 0x22 where cell.isEmpty:
                isQuoted = true
                hasQuotes = true
            case separator where !isQuoted: endCell()
            case 0x0A where isLineEnd, 0x0D where isLineEnd:
                endCell()
                return .record(byte == 0x0D && next == 0x0A ? index + 1 : index)
            default: cell.append(byte)
            }
        }
        guard atEnd else { return .needsMore }
        if isQuoted { return .unclosed }
        endCell()
        return .record(index)
    }

    private mutating func endCell() {
        cells.append(cell)
        cell = []
    }
}
