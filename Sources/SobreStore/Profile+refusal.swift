public import SobreModel

extension Profile {
    /// The limits that a stored profile must not exceed, beyond those of its document, which intake checks.
    ///
    /// - Parameters:
    ///   - merges: whether other profiles were merged into it.
    ///   - maxAliases: the most aliases.
    ///   - maxConsents: the most consents.
    ///   - maxAddresses: the most addresses, which only a merge can exceed.
    /// - Returns: the limit that it exceeds; nil for none.
    public func refusal(merges: Bool, maxAliases: Int, maxConsents: Int, maxAddresses: Int) -> IdentityRefusal? {
        if aliases.count > maxAliases { return .tooMany("aliases", limit: maxAliases) }
        if consents.count > maxConsents { return .tooMany("consents", limit: maxConsents) }
        guard merges else { return nil }
        if addresses.count > maxAddresses { return .tooMany("addresses", limit: maxAddresses) }
        let most = RecipientCaps.maxEntries
        if caps.pauses.count > most || caps.limits.count > most {
            return .tooMany("pauses or personal limits", limit: most)
        }
        return nil
    }
}
