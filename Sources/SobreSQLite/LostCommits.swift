import SobreStore

extension SQLiteReader {
    /// The number of the last commit that the database holds.
    func lastCommit() async throws(StoreError) -> Int64 {
        try await read { db throws(StoreError) in
            let row = try Statement("SELECT deliveries FROM tally WHERE state = \(Core.commitRow)", on: db)
            return try row.step() ? row.int(0) : 0
        }
    }
}

extension SQLiteLocation {
    public func lostCommits() async -> Int {
        // In this order: a commit between the two is no loss.
        let mark = CommitNumberFile.read(in: directory)
        guard hasData, mark > 0 else { return 0 }
        // Without its log a young database may hold nothing at all.
        guard let reader = try? SQLiteStore.openReadOnly(directory: directory, configuration: configuration) else {
            return Int(mark)
        }
        let last = (try? await reader.lastCommit()) ?? 0
        await reader.close()
        return Int(max(0, mark - last))
    }
}
