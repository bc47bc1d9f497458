import SobreModel
import SobrePostgres
import SobreStore
import SobreStoreConformance

/// A store that keeps recipients in PostgreSQL, and everything else in another store.
struct PeopleProxy: StoreProxy {
    let inner: any Store
    let people: PostgresStore

    func put(_ profiles: [Profile]) async throws(StoreError) -> [Result<String, IdentityRefusal>] {
        try await people.put(profiles)
    }

    func change<Refusal: Error>(
        _ id: String, by change: @escaping @Sendable (Profile) -> Result<Profile, Refusal>
    ) async throws(StoreError) -> ProfileChange<Refusal> {
        try await people.change(id, by: change)
    }

    func profile(_ id: String) async throws(StoreError) -> Profile? { try await people.profile(id) }

    func profiles(after id: String?, limit: Int) async throws(StoreError) -> [Profile] {
        try await people.profiles(after: id, limit: limit)
    }

    func merge(_ from: String, into: String) async throws(StoreError) -> Result<ProfileMerge, IdentityRefusal> {
        try await people.merge(from, into: into)
    }

    func take(_ statements: [ConsentStatement]) async throws(StoreError) -> [ConsentOutcome] {
        try await people.take(statements)
    }

    func consentHistory(
        of id: String?, after sequence: Int64, limit: Int
    ) async throws(StoreError) -> [ConsentRecord] {
        try await people.consentHistory(of: id, after: sequence, limit: limit)
    }

    func suppress(_ suppressions: [Suppression]) async throws(StoreError) {
        try await people.suppress(suppressions)
    }

    func lift(
        subject: KeyHash, channel: Channel?, category: String?, reason: Suppression.Reason?, notAfter instant: Instant?,
        by word: SuppressionLifting
    ) async throws(StoreError) -> Int {
        try await people.lift(
            subject: subject, channel: channel, category: category, reason: reason, notAfter: instant, by: word)
    }

    func suppressions(
        of subjects: [KeyHash]?, before place: SuppressionPlace?, limit: Int
    ) async throws(StoreError) -> [Suppression] {
        try await people.suppressions(of: subjects, before: place, limit: limit)
    }

    func suppressions(after last: Suppression?, limit: Int) async throws(StoreError) -> [Suppression] {
        try await people.suppressions(after: last, limit: limit)
    }

    func suppressionHistory(
        of subject: KeyHash?, before sequence: Int64?, limit: Int
    ) async throws(StoreError) -> [SuppressionRecord] {
        try await people.suppressionHistory(of: subject, before: sequence, limit: limit)
    }

    func facts(recipient: String, horizon: Duration) async throws(StoreError) -> AdmissionFacts {
        try await people.facts(recipient: recipient, horizon: horizon)
    }

    func close() async {
        await people.close()
        await inner.close()
    }
}
