/// How what is deleted is overwritten in the file.
enum SecureDelete: String {
    /// In pages that are written anyway: otherwise a row that has changed, or moved to another page, would leave words
    /// behind that erasing the person does not find any more.
    case inWrittenPages = "FAST"
    /// Also pages that go as a whole. Some systems' SQLite always does that, which writes every page of a dropped table.
    case everywhere = "ON"

    var sql: String { "PRAGMA secure_delete = \(rawValue)" }
}
