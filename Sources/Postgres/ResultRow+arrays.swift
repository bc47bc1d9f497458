import CLibpq

extension ResultRow {
    /// - Parameter column: the place of a column of type `bigint[]`.
    /// - Returns: the numbers.
    /// - Throws: `PostgresError`; see ``ResultRow``. Also when an element is NULL.
    public func ints(_ column: Int) throws(PostgresError) -> [Int64] {
        var numbers: [Int64] = []
        try elements(column, PostgresType.int8, "an array of bigint") { bytes in
            guard bytes.count == 8 else { return false }
            numbers.append(bytes.number(Int64.self, at: 0))
            return true
        }
        return numbers
    }

    /// - Parameter column: the place of a column of type `text[]`.
    /// - Returns: the texts.
    /// - Throws: `PostgresError`; see ``ResultRow``. Also when an element is NULL.
    public func texts(_ column: Int) throws(PostgresError) -> [String] {
        var texts: [String] = []
        try elements(column, PostgresType.text, "an array of text") { bytes in
            texts.append(String(decoding: bytes, as: UTF8.self))
            return true
        }
        return texts
    }

    /// - Parameter column: the place of a column of type `bytea[]`.
    /// - Returns: the values.
    /// - Throws: `PostgresError`; see ``ResultRow``. Also when an element is NULL.
    public func byteArrays(_ column: Int) throws(PostgresError) -> [[UInt8]] {
        var values: [[UInt8]] = []
        try elements(column, PostgresType.bytea, "an array of bytea") { bytes in
            values.append([UInt8](bytes))
            return true
        }
        return values
    }

    /// Reads an array of at most one dimension, in the format of `array_send`.
    private func elements(
        _ column: Int, _ type: UInt32, _ wanted: String, _ take: (UnsafeRawBufferPointer) -> Bool
    ) throws(PostgresError) {
        guard let bytes = try value(column) else { throw null(column) }
        guard bytes.count >= 12, bytes.number(UInt32.self, at: 8) == type else { throw mismatch(column, wanted) }
        switch bytes.number(Int32.self, at: 0) {
        case 0: return
        case 1: break
        default: throw mismatch(column, "\(wanted) with one dimension")
        }
        guard bytes.count >= 20 else { throw mismatch(column, wanted) }
        var next = 20
        for _ in 0..<max(0, bytes.number(Int32.self, at: 12)) {
            guard bytes.count - next >= 4 else { throw mismatch(column, wanted) }
            let length = Int(bytes.number(Int32.self, at: next))
            next += 4
            guard length >= 0, bytes.count - next >= length else { throw mismatch(column, "\(wanted) without NULLs") }
            guard take(UnsafeRawBufferPointer(rebasing: bytes[next..<next + length])) else {
                throw mismatch(column, wanted)
            }
            next += length
        }
    }
}
