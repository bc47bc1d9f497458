import Postgres
import SobreStore

extension StoreError {
    /// The store's error for what a call on a connection threw.
    static func from(_ error: any Error) -> StoreError {
        if let error = error as? StoreError { return error }
        if error is LostRace {
            return StoreError(.overloaded, "Others change the same rows at the same time; try again shortly.")
        }
        guard let error = error as? PostgresError else {
            return StoreError(
                .internal, "The store failed; this is a fault in Sobre, please report it.", underlying: "\(error)")
        }
        let underlying = "PostgreSQL: \(error)"
        switch error.kind {
        case .closed: return StoreError(.closed, "The store is closed; start Sobre again to use it.")
        case .overloaded:
            return StoreError(.overloaded, "Too many calls wait for the database; try again shortly.")
        default: break
        }
        if error.isConnectionLost {
            return StoreError(
                .io, "The database cannot be reached; check that it runs and that store.url is right.",
                underlying: underlying)
        }
        switch error.sqlState {
        case .diskFull?:
            return StoreError(
                .full, "The disk of the database is full; nothing was written. Free some space.",
                underlying: underlying)
        case .readOnlyTransaction?:
            return StoreError(
                .io,
                "The database accepts no writes, because it is a standby or read-only. Connect to the primary, for "
                    + "example with target_session_attrs=read-write.", underlying: underlying)
        case .undefinedTable?:
            return StoreError(
                .incompatible, "The database lacks tables of Sobre. Migrate it first.", underlying: underlying)
        default: break
        }
        if error.isRetryable || error.sqlState == .queryCanceled {
            return StoreError(.overloaded, "The database is too busy; try again shortly.", underlying: underlying)
        }
        return StoreError(
            .internal, "The store failed; this is a fault in Sobre, please report it.", underlying: underlying)
    }

    /// The error for a commit whose fate could not be learned.
    static func unknownCommit(_ error: PostgresError) -> StoreError {
        StoreError(
            .io, "The database did not say whether the change was written. Look before you repeat it.",
            underlying: "PostgreSQL: \(error)")
    }
}
