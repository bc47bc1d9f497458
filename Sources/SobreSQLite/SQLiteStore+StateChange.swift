public import SobreModel
public import SobreStore

extension SQLiteStore: StateChangeStore {
    public func apply(
        _ action: StateAction, to targets: [StateTarget], selectedBy filter: StateFilter, repeatingUnknown: Bool
    ) async throws(StoreError) -> [StateChangeResult] {
        if targets.isEmpty { return [] }
        let author = Author.current
        return try await writer.perform { core throws(StoreError) in
            try core.apply(
                action, to: targets, selectedBy: filter, repeatingUnknown: repeatingUnknown, by: author)
        }
    }
}
