import GRDB
import SobreStore

extension Schema {
    /// Stores channels in a form that does not limit their number. A message's channels become a list of bytes, and a
    /// recipient's counters get 256 numbers for each channel. Before, each channel of a message took two bits, and
    /// there were nine counters.
    ///
    /// Every message is rewritten, in the order of its ID. Each distinct list is converted once.
    ///
    /// - Throws: `StoreError` for a list that no version of Sobre can have written, or an error of SQLite. Then nothing
    ///   was changed.
    static func channels(_ db: Database) throws {
        var cases = ""
        for packed in try Int64.fetchAll(db, sql: "SELECT DISTINCT channels FROM message") {
            let bytes = try bytes(ofPacked: packed).map { $0 < 16 ? "0\($0)" : "\($0)" }.joined()
            cases += " WHEN \(packed) THEN x'\(bytes)'"
        }
        if !cases.isEmpty { try db.execute(sql: "UPDATE message SET channels = CASE channels\(cases) END") }
        // Slots 0…8 were three for each of three channels. The hours start at 16 and stay unchanged.
        try db.execute(
            sql: """
                UPDATE engagement SET slot = ((slot / 3 + 1) << 8) | (slot % 3 + 1) WHERE slot < 9;
                PRAGMA user_version = 3;
                """)
    }

    /// The channel numbers of a packed list. Each took two bits, with the first in the lowest.
    private static func bytes(ofPacked packed: Int64) throws(StoreError) -> [UInt8] {
        var rest = packed
        var bytes: [UInt8] = []
        while rest > 0 {
            let number = UInt8(rest & 3)
            if number == 0 || bytes.contains(number) { break }
            bytes.append(number)
            rest >>= 2
        }
        guard rest == 0, !bytes.isEmpty else {
            throw StoreError(
                .corrupt,
                "The database holds \(packed) in message.channels, which is not a list of channels. Restore the data directory "
                    + "from a backup.")
        }
        return bytes
    }
}
