import GRDB
import SobreStore

extension Schema {
    /// Channels in a form that does not limit their number: a message's as a list of bytes, and a person's counters with
    /// 256 numbers for each channel. Before, a message's stood in two bits each, and the counters had nine places.
    ///
    /// Every message is written anew, in the order of its id. Of the few lists that occur each is converted once.
    ///
    /// - Throws: `StoreError` for a list that no program of ours can have written, or what SQLite says; then nothing was
    ///   changed.
    static func channels(_ db: Database) throws {
        var cases = ""
        for packed in try Int64.fetchAll(db, sql: "SELECT DISTINCT channels FROM message") {
            let bytes = try bytes(ofPacked: packed).map { $0 < 16 ? "0\($0)" : "\($0)" }.joined()
            cases += " WHEN \(packed) THEN x'\(bytes)'"
        }
        if !cases.isEmpty { try db.execute(sql: "UPDATE message SET channels = CASE channels\(cases) END") }
        // Slots 0…8 were three for each of three channels; the hours, from 16, stay where they are.
        try db.execute(
            sql: """
                UPDATE engagement SET slot = ((slot / 3 + 1) << 8) | (slot % 3 + 1) WHERE slot < 9;
                PRAGMA user_version = 3;
                """)
    }

    /// The numbers of the channels of a list, which stood in two bits each, the first lowest.
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
                "The database holds \(packed) in message.channels, which is no list of channels. Restore the data directory "
                    + "from a backup.")
        }
        return bytes
    }
}
