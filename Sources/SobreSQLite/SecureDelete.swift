/// How SQLite overwrites deleted data in the file.
enum SecureDelete: String {
    /// Overwrites it in pages that are written anyway. While a layout is converted, tables are dropped, and writing
    /// each of their pages once more would take as long as the conversion.
    case inWrittenPages = "FAST"
    /// Also overwrites pages that become free as a whole. A row that changed, grew or moved would otherwise leave its
    /// earlier text in free pages, where no erasure finds it.
    case everywhere = "ON"

    var sql: String { "PRAGMA secure_delete = \(rawValue)" }
}
