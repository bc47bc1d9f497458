public import SobreModel

/// People: profiles and suppressions.
public protocol ProfileStore: Sendable {
    /// Stores profiles, replacing those with the same id. In force at the next decision. Durable on return.
    func put(_ profiles: [Profile]) async throws(StoreError)

    func profile(_ id: String) async throws(StoreError) -> Profile?

    /// Adds suppressions; one with the same subject, channel and category replaces the earlier. Durable on return.
    func suppress(_ suppressions: [Suppression]) async throws(StoreError)

    /// Lifts suppressions of a subject (for one channel and category, or all when nil). Returns how many there were.
    func lift(subject: Symbol, channel: Channel?, category: String?) async throws(StoreError) -> Int

    /// The newest suppressions, or those of one subject.
    func suppressions(subject: Symbol?, limit: Int) async throws(StoreError) -> [Suppression]

    /// The facts for a dry run, read outside of any decision.
    func facts(recipient: String, horizon: Duration) async throws(StoreError) -> AdmissionFacts
}
