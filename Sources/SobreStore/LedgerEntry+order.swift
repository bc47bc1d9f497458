public import SobreModel

extension LedgerEntry {
    /// The order of a ledger: by the time that counts, then by ID.
    ///
    /// - Parameters:
    ///   - a: a contact.
    ///   - b: another one.
    /// - Returns: whether `a` comes first.
    public static func isBefore(_ a: LedgerEntry, _ b: LedgerEntry) -> Bool {
        (a.committedAt ?? a.reservedAt, a.id) < (b.committedAt ?? b.reservedAt, b.id)
    }
}
