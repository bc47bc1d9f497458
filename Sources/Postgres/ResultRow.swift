import CLibpq

/// One row of a result. Columns are counted from 0.
///
/// Each accessor throws a ``PostgresError`` of kind `conversion` when there is no such column, when its type is another
/// one, or when it is NULL and the accessor has no optional result.
public struct ResultRow {
    let result: QueryResult
    let index: Int32

    /// - Parameter column: the column's place.
    /// - Returns: whether the value is NULL.
    /// - Throws: `PostgresError` when there is no such column.
    public func isNull(_ column: Int) throws(PostgresError) -> Bool {
        try check(column)
        return PQgetisnull(result.handle, index, Int32(column)) != 0
    }

    /// - Parameter column: the place of a column of type `bigint`, `integer`, `smallint` or `oid`.
    /// - Returns: the number.
    /// - Throws: `PostgresError`; see ``ResultRow``.
    public func int(_ column: Int) throws(PostgresError) -> Int64 {
        guard let value = try optionalInt(column) else { throw null(column) }
        return value
    }

    /// - Parameter column: the place of a column of type `bigint`, `integer`, `smallint` or `oid`.
    /// - Returns: the number; nil for NULL.
    /// - Throws: `PostgresError`; see ``ResultRow``.
    public func optionalInt(_ column: Int) throws(PostgresError) -> Int64? {
        guard let bytes = try value(column) else { return nil }
        switch (PQftype(result.handle, Int32(column)), bytes.count) {
        case (PostgresType.int8, 8): return bytes.number(Int64.self, at: 0)
        case (PostgresType.int4, 4): return Int64(bytes.number(Int32.self, at: 0))
        case (PostgresType.int2, 2): return Int64(bytes.number(Int16.self, at: 0))
        case (PostgresType.oid, 4): return Int64(bytes.number(UInt32.self, at: 0))
        default: throw mismatch(column, "an integer")
        }
    }

    /// - Parameter column: the place of a column of type `double precision`.
    /// - Returns: the number.
    /// - Throws: `PostgresError`; see ``ResultRow``.
    public func double(_ column: Int) throws(PostgresError) -> Double {
        guard let bytes = try value(column) else { throw null(column) }
        guard PQftype(result.handle, Int32(column)) == PostgresType.float8, bytes.count == 8 else {
            throw mismatch(column, "a double")
        }
        return Double(bitPattern: bytes.number(UInt64.self, at: 0))
    }

    /// - Parameter column: the place of a column of type `boolean`.
    /// - Returns: the value.
    /// - Throws: `PostgresError`; see ``ResultRow``.
    public func bool(_ column: Int) throws(PostgresError) -> Bool {
        guard let bytes = try value(column) else { throw null(column) }
        guard PQftype(result.handle, Int32(column)) == PostgresType.bool, bytes.count == 1 else {
            throw mismatch(column, "a boolean")
        }
        return bytes[0] != 0
    }

    /// - Parameter column: the place of a column of type `text`, `varchar` or `name`.
    /// - Returns: the text.
    /// - Throws: `PostgresError`; see ``ResultRow``.
    public func text(_ column: Int) throws(PostgresError) -> String {
        guard let text = try optionalText(column) else { throw null(column) }
        return text
    }

    /// - Parameter column: the place of a column of type `text`, `varchar` or `name`.
    /// - Returns: the text; nil for NULL.
    /// - Throws: `PostgresError`; see ``ResultRow``.
    public func optionalText(_ column: Int) throws(PostgresError) -> String? {
        guard let bytes = try value(column) else { return nil }
        switch PQftype(result.handle, Int32(column)) {
        case PostgresType.text, PostgresType.varchar, PostgresType.name, PostgresType.unknown: break
        default: throw mismatch(column, "a text")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// - Parameter column: the place of a column of type `bytea`.
    /// - Returns: the bytes.
    /// - Throws: `PostgresError`; see ``ResultRow``.
    public func bytes(_ column: Int) throws(PostgresError) -> [UInt8] {
        guard let bytes = try optionalBytes(column) else { throw null(column) }
        return bytes
    }

    /// - Parameter column: the place of a column of type `bytea`.
    /// - Returns: the bytes; nil for NULL.
    /// - Throws: `PostgresError`; see ``ResultRow``.
    public func optionalBytes(_ column: Int) throws(PostgresError) -> [UInt8]? {
        guard let bytes = try value(column) else { return nil }
        guard PQftype(result.handle, Int32(column)) == PostgresType.bytea else { throw mismatch(column, "bytes") }
        return [UInt8](bytes)
    }

    // MARK: Checks

    private func check(_ column: Int) throws(PostgresError) {
        guard column >= 0 && column < result.columnCount else {
            throw PostgresError(
                .conversion, "The result has \(result.columnCount) columns; column \(column) does not exist.")
        }
    }

    /// The value's bytes, which live as long as the result; nil for NULL.
    func value(_ column: Int) throws(PostgresError) -> UnsafeRawBufferPointer? {
        if try isNull(column) { return nil }
        return UnsafeRawBufferPointer(
            start: PQgetvalue(result.handle, index, Int32(column)),
            count: Int(PQgetlength(result.handle, index, Int32(column))))
    }

    func null(_ column: Int) -> PostgresError {
        PostgresError(.conversion, "Column \(column) (\(name(column))) is NULL.")
    }

    func mismatch(_ column: Int, _ wanted: String) -> PostgresError {
        let type = PQftype(result.handle, Int32(column))
        return PostgresError(
            .conversion,
            "Column \(column) (\(name(column))) has the type with the object ID \(type) and is not \(wanted).")
    }

    private func name(_ column: Int) -> String {
        PQfname(result.handle, Int32(column)).map { String(cString: $0) } ?? "unnamed"
    }
}

extension UnsafeRawBufferPointer {
    /// A number in network byte order. The caller has checked the bounds.
    func number<Number: FixedWidthInteger>(_ type: Number.Type, at offset: Int) -> Number {
        Number(bigEndian: loadUnaligned(fromByteOffset: offset, as: type))
    }
}
