import Postgres
public import SobreModel
import SobreSettings
public import SobreStore

extension PostgresStore {
    /// The facts for a dry run, all of one time; see ``SobreStore/PersonHistory/facts(recipient:horizon:)``.
    ///
    /// - Parameters:
    ///   - recipient: any name of the recipient.
    ///   - horizon: how far back contacts are read.
    /// - Returns: the facts.
    /// - Throws: `StoreError` when they cannot be read.
    public func facts(recipient: String, horizon: Duration) async throws(StoreError) -> AdmissionFacts {
        let (clock, most) = (clock, configuration.limits.maxAddressHolders)
        return try await read { connection in
            try connection.snapshot {
                let cutoff = try clock.now(connection) - horizon
                let reader = FactsReader(connection: connection, maxAddressHolders: most)
                var facts = try reader.facts(of: recipient, after: cutoff)
                facts.pauses = try connection.query(PauseRow.all).map { try PauseRow.read($0).pause }
                return facts
            }
        }
    }
}
