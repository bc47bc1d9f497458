public import SobreModel

/// Reading back who a person is, what the person allowed and refused, and what stood against writing to somebody.
public protocol PersonHistory: Sendable {
    /// The profile of a person, under any name.
    func profile(_ id: String) async throws(StoreError) -> Profile?

    /// The history of consents behind an entry (0: from the beginning), oldest first: of one person, under all names, or of
    /// everybody.
    func consentHistory(of id: String?, after sequence: Int64, limit: Int) async throws(StoreError) -> [ConsentRecord]

    /// The history of suppressions before an entry (nil: from the end), newest first: of one subject, under all names of a
    /// person, or of everybody.
    func suppressionHistory(
        of subject: KeyHash?, before sequence: Int64?, limit: Int
    ) async throws(StoreError) -> [SuppressionRecord]
}
