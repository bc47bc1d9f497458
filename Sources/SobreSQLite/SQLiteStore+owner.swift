extension SQLiteStore {
    /// Whether a process, such as a running server, owns a data directory now. Changes nothing.
    public static func isOwned(directory: String) -> Bool { OwnerLock.isHeld(directory: directory) }
}
