public import SobreModel

extension PersonHistory {
    /// The suppressions of a recipient's addresses. They stop messages to the recipient like the recipient's own, and
    /// stay in force when those are lifted.
    ///
    /// - Parameters:
    ///   - id: any name of the recipient.
    ///   - channel: the channel of the addresses; nil for all.
    ///   - limit: how many are read for each address.
    /// - Returns: the addresses that are suppressed, each with its suppressions; none for an unknown recipient.
    /// - Throws: `StoreError` when the store cannot be read.
    public func addressSuppressions(
        of id: String, on channel: Channel? = nil, limit: Int = 100
    ) async throws(StoreError) -> [(address: Address, suppressions: [Suppression])] {
        var found: [(address: Address, suppressions: [Suppression])] = []
        for address in try await profile(id)?.addresses ?? [] where channel == nil || address.channel == channel {
            let suppressions = try await suppressions(subject: address.subject, limit: limit)
            if !suppressions.isEmpty { found.append((address, suppressions)) }
        }
        return found
    }
}
