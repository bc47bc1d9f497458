public import SobreModel

/// Reads profiles, consents and suppressions, and their histories.
public protocol PersonHistory: Sendable {
    /// The profile with this ID or alias.
    func profile(_ id: String) async throws(StoreError) -> Profile?

    /// The consent history after an entry, oldest first. Entry 0 starts at the beginning. Covers one recipient under
    /// its ID and all its aliases, or everybody when the ID is nil.
    func consentHistory(of id: String?, after sequence: Int64, limit: Int) async throws(StoreError) -> [ConsentRecord]

    /// The suppression history before an entry, newest first. A nil entry starts at the end. Covers one subject, with
    /// the ID and all aliases of a recipient, or everybody when the subject is nil.
    func suppressionHistory(
        of subject: KeyHash?, before sequence: Int64?, limit: Int
    ) async throws(StoreError) -> [SuppressionRecord]

    /// A page of profiles after the last one of the previous page, in an order that the store chooses.
    func profiles(after id: String?, limit: Int) async throws(StoreError) -> [Profile]

    /// How many addresses more than `most` profiles hold. Reads through all holders, which takes about a tenth of a
    /// second for a million.
    func crowdedAddresses(above most: Int) async throws(StoreError) -> Int

    /// The newest suppressions, newest first; with a place those behind it. Covers several subjects, with the ID and all
    /// aliases of recipients, or everybody when the list is nil.
    func suppressions(
        of subjects: [KeyHash]?, before place: SuppressionPlace?, limit: Int
    ) async throws(StoreError) -> [Suppression]

    /// A page of all suppressions after the last one of the previous page, in an order that the store chooses.
    func suppressions(after last: Suppression?, limit: Int) async throws(StoreError) -> [Suppression]

    /// The facts for a dry run. They are read outside of any decision.
    func facts(recipient: String, horizon: Duration) async throws(StoreError) -> AdmissionFacts
}

extension PersonHistory {
    /// The newest suppressions, or those of one subject, with the ID and all aliases of a recipient.
    public func suppressions(subject: KeyHash?, limit: Int) async throws(StoreError) -> [Suppression] {
        try await suppressions(of: subject.map { [$0] }, before: nil, limit: limit)
    }
}
