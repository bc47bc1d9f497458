import GRDBSQLite
import SobreModel
import SobreStore

/// A prepared statement: bound by position, stepped, reset, and kept as long as the connection is open.
///
/// Like the connection, it may be used only on the connection's thread.
final class Statement {
    private let handle: OpaquePointer
    private let connection: OpaquePointer
    /// The first error of a binding. It is thrown when the statement is run.
    private var failedBinding: Int32 = SQLITE_OK
    /// Holds bound texts and blobs until the statement has run. SQLite copies values that do not fit.
    private let room: UnsafeMutableRawBufferPointer?
    private var used = 0

    /// Tells SQLite to copy a bound value, because Swift's buffers are valid only during the call.
    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    /// Prepares a statement.
    ///
    /// - Parameters:
    ///   - sql: A single statement.
    ///   - connection: The connection that the statement belongs to.
    ///   - room: The size in bytes of a buffer for bound texts and blobs, which avoids one allocation per value. Use it
    ///     only for a statement whose values are all bound again before each run, because the buffer is reused.
    /// - Throws: `StoreError` when SQLite cannot compile the statement.
    init(_ sql: String, on connection: OpaquePointer, room: Int = 0) throws(StoreError) {
        var handle: OpaquePointer?
        let code = sqlite3_prepare_v3(connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
        guard code == SQLITE_OK, let handle else { throw StoreError.sqlite(code, on: connection, doing: "preparing") }
        self.handle = handle
        self.connection = connection
        self.room = room > 0 ? .allocate(byteCount: room, alignment: 1) : nil
    }

    deinit {
        sqlite3_finalize(handle)
        room?.deallocate()
    }

    /// Copies a value into the buffer, where it stays until the statement has run. Returns nil when it does not fit.
    private func keep(_ bytes: UnsafeRawBufferPointer) -> UnsafeMutableRawPointer? {
        guard let room, let base = room.baseAddress, let source = bytes.baseAddress, bytes.count <= room.count - used
        else { return nil }
        defer { used += bytes.count }
        (base + used).copyMemory(from: source, byteCount: bytes.count)
        return base + used
    }

    /// Runs a statement that returns no rows.
    func run() throws(StoreError) {
        try checkBindings()
        let code = sqlite3_step(handle)
        used = 0
        if code != SQLITE_DONE && code != SQLITE_ROW {
            let error = StoreError.sqlite(code, on: connection, doing: "writing")
            sqlite3_reset(handle)
            throw error
        }
        sqlite3_reset(handle)
    }

    /// Moves to the next row. Returns false after the last row and resets the statement.
    func step() throws(StoreError) -> Bool {
        try checkBindings()
        let code = sqlite3_step(handle)
        if code == SQLITE_ROW { return true }
        if code != SQLITE_DONE {
            let error = StoreError.sqlite(code, on: connection, doing: "reading")
            sqlite3_reset(handle)
            throw error
        }
        sqlite3_reset(handle)
        return false
    }

    private func checkBindings() throws(StoreError) {
        if failedBinding == SQLITE_OK { return }
        defer { failedBinding = SQLITE_OK }
        throw StoreError.sqlite(failedBinding, on: nil, doing: "binding a value")
    }

    private func check(_ code: Int32) {
        if code != SQLITE_OK { failedBinding = code }
    }

    /// Resets a statement before its last row.
    func reset() { sqlite3_reset(handle) }

    /// The number of rows that the last `run` changed.
    var changes: Int { Int(sqlite3_changes(connection)) }

    // MARK: Binding

    @discardableResult
    func bind(_ index: Int32, _ value: Int64) -> Statement {
        check(sqlite3_bind_int64(handle, index, value))
        return self
    }

    @discardableResult
    func bind(_ index: Int32, _ value: Int64?) -> Statement {
        check(value.map { sqlite3_bind_int64(handle, index, $0) } ?? sqlite3_bind_null(handle, index))
        return self
    }

    @discardableResult
    func bind(_ index: Int32, _ value: Instant?) -> Statement { bind(index, value?.milliseconds) }

    @discardableResult
    func bind(_ index: Int32, _ value: KeyHash) -> Statement { bind(index, value.stored) }

    @discardableResult
    func bind(_ index: Int32, _ value: String) -> Statement {
        var value = value
        value.withUTF8 { text in
            // An empty string may have no address, and a null pointer would bind NULL.
            guard let base = text.baseAddress else {
                check(sqlite3_bind_text(handle, index, "", 0, Self.transient))
                return
            }
            if let kept = keep(UnsafeRawBufferPointer(text)) {
                check(
                    sqlite3_bind_text64(
                        handle, index, kept.assumingMemoryBound(to: CChar.self), UInt64(text.count), nil,
                        UInt8(SQLITE_UTF8)))
                return
            }
            base.withMemoryRebound(to: CChar.self, capacity: text.count) {
                check(sqlite3_bind_text64(handle, index, $0, UInt64(text.count), Self.transient, UInt8(SQLITE_UTF8)))
            }
        }
        return self
    }

    @discardableResult
    func bind(_ index: Int32, _ value: String?) -> Statement {
        if let value { return bind(index, value) }
        check(sqlite3_bind_null(handle, index))
        return self
    }

    @discardableResult
    func bind(_ index: Int32, _ value: [UInt8]?) -> Statement {
        guard let value else {
            check(sqlite3_bind_null(handle, index))
            return self
        }
        // An empty array may have no address, and a null pointer would bind NULL.
        if value.isEmpty {
            check(sqlite3_bind_zeroblob(handle, index, 0))
        } else {
            value.withUnsafeBytes { bytes in
                let kept = keep(bytes)
                let start = kept.map { UnsafeRawPointer($0) } ?? bytes.baseAddress
                check(
                    sqlite3_bind_blob64(
                        handle, index, start, UInt64(bytes.count), kept == nil ? Self.transient : nil))
            }
        }
        return self
    }

    // MARK: Reading columns

    func int(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

    func optionalInt(_ column: Int32) -> Int64? { isNull(column) ? nil : int(column) }

    func instant(_ column: Int32) -> Instant? { optionalInt(column).map { Instant(milliseconds: $0) } }

    func keyHash(_ column: Int32) -> KeyHash { KeyHash(stored: int(column)) }

    func string(_ column: Int32) -> String {
        guard let text = sqlite3_column_text(handle, column) else { return "" }
        let count = Int(sqlite3_column_bytes(handle, column))
        return String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self)
    }

    func optionalString(_ column: Int32) -> String? { isNull(column) ? nil : string(column) }

    func bytes(_ column: Int32) -> [UInt8] {
        guard let blob = sqlite3_column_blob(handle, column) else { return [] }
        let count = Int(sqlite3_column_bytes(handle, column))
        return [UInt8](UnsafeRawBufferPointer(start: blob, count: count))
    }

    /// The number of bytes of a text or blob.
    func byteCount(_ column: Int32) -> Int { Int(sqlite3_column_bytes(handle, column)) }

    func optionalBytes(_ column: Int32) -> [UInt8]? { isNull(column) ? nil : bytes(column) }
}
