/// How deleted data is overwritten in the file.
enum SecureDelete: String {
    /// Overwrites deleted data only in pages that are written anyway. Without this, a row that was changed or moved to
    /// another page would leave text behind that a later erasure could not find.
    case inWrittenPages = "FAST"
    /// Also overwrites whole pages that are freed. Some systems build SQLite with this as the default, which writes
    /// every page of a dropped table.
    case everywhere = "ON"

    var sql: String { "PRAGMA secure_delete = \(rawValue)" }
}
