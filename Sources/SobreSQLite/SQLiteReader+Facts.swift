public import SobreModel
public import SobreStore

extension SQLiteReader: ReceiptHistory, StoreReader {
    /// The facts as the writer would read them, from what is committed. Changes nothing; reads the attempts that are under
    /// way and the contacts whose index entries are not written yet.
    public func facts(recipient: String, horizon: Duration) async throws(StoreError) -> AdmissionFacts {
        let configuration = configuration
        return try await read { connection throws(StoreError) in
            let core = try Core(
                connection: connection, time: SystemTime(), configuration: configuration, isReading: true)
            return try core.facts(recipient: recipient, horizon: horizon)
        }
    }
}
