public import SobreModel
public import SobreStore

extension SQLiteReader: ReceiptHistory, StoreReader {
    /// The facts as the writer would read them, from committed data. They include open attempts and contacts whose
    /// index rows are pending. Changes nothing.
    public func facts(recipient: String, horizon: Duration) async throws(StoreError) -> AdmissionFacts {
        let configuration = configuration
        return try await read { connection throws(StoreError) in
            let core = try Core(
                connection: connection, time: SystemTime(), configuration: configuration, isReading: true)
            return try core.facts(recipient: recipient, horizon: horizon)
        }
    }
}
