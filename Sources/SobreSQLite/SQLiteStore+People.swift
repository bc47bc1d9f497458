public import SobreModel
public import SobreStore

extension SQLiteStore: ProfileStore {
    @discardableResult
    public func put(_ profiles: [Profile]) async throws(StoreError) -> [Result<String, IdentityRefusal>] {
        if profiles.isEmpty { return [] }
        let author = Author.current
        return try await writer.perform { core throws(StoreError) in
            try core.auditingConsents(of: profiles.map(\.id), by: author) { () throws(StoreError) in
                try core.put(profiles)
            }
        }
    }

    public func change<Refusal: Error>(
        _ id: String, by change: @escaping @Sendable (Profile) -> Result<Profile, Refusal>
    ) async throws(StoreError) -> ProfileChange<Refusal> {
        let author = Author.current
        return try await writer.perform { core throws(StoreError) in
            try core.auditingConsents(of: [id], by: author) { () throws(StoreError) in try core.change(id, by: change) }
        }
    }

    public func profile(_ id: String) async throws(StoreError) -> Profile? { try await reader.profile(id) }

    public func profiles(after id: String?, limit: Int) async throws(StoreError) -> [Profile] {
        try await reader.profiles(after: id, limit: limit)
    }

    public func crowdedAddresses(above most: Int) async throws(StoreError) -> Int {
        try await reader.crowdedAddresses(above: most)
    }

    public func merge(_ from: String, into: String) async throws(StoreError) -> Result<ProfileMerge, IdentityRefusal> {
        let author = Author.current
        return try await writer.perform { core throws(StoreError) in try core.merge(from, into: into, by: author) }
    }

    public func erase(_ id: String) async throws(StoreError) -> Erasure? {
        let author = Author.current
        let step = try await writer.perform { core throws(StoreError) in try core.erasePerson(id, by: author) }
        guard let names = step.names else { return nil }
        var erasure = Erasure(messages: 0, cancelled: 0, suppressions: step.suppressions)
        var after: Int64? = 0
        // Runs in steps, so that a recipient with many messages does not block other calls.
        while let from = after {
            let done = try await writer.perform { core throws(StoreError) in
                try core.eraseMessages(of: names, step.words, after: from, limit: 500)
            }
            erasure.messages += done.messages
            erasure.cancelled += done.cancelled
            after = done.last
        }
        return erasure
    }

    public func take(_ statements: [ConsentStatement]) async throws(StoreError) -> [ConsentOutcome] {
        if statements.isEmpty { return [] }
        let author = Author.current
        return try await writer.perform { core throws(StoreError) in try core.take(statements, by: author) }
    }

    public func consentHistory(
        of id: String?, after sequence: Int64, limit: Int
    ) async throws(StoreError) -> [ConsentRecord] {
        try await reader.consentHistory(of: id, after: sequence, limit: limit)
    }

    public func suppress(_ suppressions: [Suppression]) async throws(StoreError) {
        if suppressions.isEmpty { return }
        let author = Author.current
        try await writer.perform { core throws(StoreError) in try core.suppress(suppressions, by: author) }
    }

    public func lift(
        subject: KeyHash, channel: Channel?, category: String?, reason: Suppression.Reason?, notAfter instant: Instant?,
        by word: SuppressionLifting
    ) async throws(StoreError) -> Int {
        let author = Author.current
        return try await writer.perform { core throws(StoreError) in
            try core.lift(
                subject: subject, channel: channel, category: category, reason: reason, notAfter: instant, by: word,
                author: author)
        }
    }

    public func suppressionHistory(
        of subject: KeyHash?, before sequence: Int64?, limit: Int
    ) async throws(StoreError) -> [SuppressionRecord] {
        try await reader.suppressionHistory(of: subject, before: sequence, limit: limit)
    }

    public func suppressions(
        of subjects: [KeyHash]?, before place: SuppressionPlace?, limit: Int
    ) async throws(StoreError) -> [Suppression] {
        try await reader.suppressions(of: subjects, before: place, limit: limit)
    }

    public func suppressions(after last: Suppression?, limit: Int) async throws(StoreError) -> [Suppression] {
        try await reader.suppressions(after: last, limit: limit)
    }

    public func address(of delivery: DeliveryID) async throws(StoreError) -> KeyHash? {
        try await reader.address(of: delivery)
    }

    public func facts(recipient: String, horizon: Duration) async throws(StoreError) -> AdmissionFacts {
        try await writer.perform(.reads) { core throws(StoreError) in
            try core.facts(recipient: recipient, horizon: horizon)
        }
    }
}
