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

    /// A page of profiles behind the last one of the page before, in an order of the store's own.
    func profiles(after id: String?, limit: Int) async throws(StoreError) -> [Profile]

    /// The newest suppressions, or those of one subject, under all names of a person.
    func suppressions(subject: KeyHash?, limit: Int) async throws(StoreError) -> [Suppression]

    /// A page of all suppressions behind the last one of the page before, in an order of the store's own.
    func suppressions(after last: Suppression?, limit: Int) async throws(StoreError) -> [Suppression]

    /// The facts for a dry run, read outside of any decision.
    func facts(recipient: String, horizon: Duration) async throws(StoreError) -> AdmissionFacts
}
