import SobreModel
import SobreStore
import SobreStoreColumns

/// The rows of a recipient's engagement.
enum EngagementColumns {
    static let sql = "SELECT slot, count FROM engagement WHERE person = ? AND count > 0 ORDER BY slot"

    /// Reads the rows of the recipient that is bound to the statement.
    ///
    /// - Throws: `StoreError` when the rows cannot be read or use a counter that this version does not know.
    static func read(_ row: Statement) throws(StoreError) -> Engagement {
        defer { row.reset() }
        var engagement = Engagement.none
        while try row.step() {
            do throws(UnreadableColumn) {
                try EngagementSlot.set(row.int(0), to: row.int(1), in: &engagement)
            } catch {
                throw .unreadable(error.what, in: error.column, of: row.int(0))
            }
        }
        return engagement
    }
}
