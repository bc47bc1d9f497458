import Postgres
public import SobreModel
public import SobreStore
import SobreStoreColumns

extension PostgresStore {
    private enum Attempt<Value: Sendable>: Sendable {
        case done(Value, changed: Set<KeyHash>)
        /// Nothing was written, because more must be locked.
        case again(PeopleScope)
    }

    /// Changes recipients under the locks of everybody whom the change concerns.
    ///
    /// Whom it concerns is read before the locks, and once more under them. When it has grown meanwhile, the change begins
    /// again with all that is known by then.
    ///
    /// - Parameters:
    ///   - scope: the names, subjects and addresses that the change is about.
    ///   - body: may be called several times. Makes the change.
    /// - Returns: what the last call of `body` returned, which is written.
    /// - Throws: `StoreError`; nothing was written then, unless the code is `io`.
    func changePeople<Value: Sendable>(
        _ scope: PeopleScope, _ body: @escaping @Sendable (PeopleTransaction) throws -> Value
    ) async throws(StoreError) -> Value {
        var known = scope
        for _ in 0..<max(1, configuration.maxTries) {
            let asked = known
            let attempt = try await write { connection, _ in
                try self.attempt(asked, connection, body)
            }
            switch attempt {
            case .done(let value, let changed):
                if !changed.isEmpty { changes.note(changed) }
                return value
            case .again(let scope): known = known.union(scope)
            }
        }
        throw StoreError(
            .overloaded, "Others change the same recipients at the same time; try again shortly.")
    }

    private func attempt<Value: Sendable>(
        _ asked: PeopleScope, _ connection: PostgresConnection, _ body: (PeopleTransaction) throws -> Value
    ) throws -> Attempt<Value> {
        let locked = try asked.resolved(connection)
        try locked.lock(connection)
        let current = try asked.resolved(connection)
        guard locked.covers(current) else { return .again(locked.union(current)) }
        let transaction = PeopleTransaction(
            connection, scope: locked, now: try clock.now(connection), configuration: configuration)
        do {
            return .done(try body(transaction), changed: transaction.changed)
        } catch let error as PeopleTransaction.ScopeTooSmall {
            return .again(error.needed)
        }
    }

    /// Appends an entry to the audit trail when a change has stated consents.
    private static func auditConsents(
        of recipients: [String], by author: Author?, _ transaction: PeopleTransaction
    ) throws {
        guard transaction.recordedConsents > 0 else { return }
        let isOne = Set(recipients).count == 1
        try audit(
            transaction.connection, .consent, isOne ? recipients[0] : "\(recipients.count) recipients",
            about: isOne ? KeyHash.recipient(recipients[0]) : nil,
            detail: "\(transaction.recordedConsents) statements", by: author, at: transaction.now)
    }

    private static func scope(of recipients: [String]) -> PeopleScope {
        PeopleScope(names: Set(recipients.map { KeyHash.recipient($0) }), addresses: [])
    }
}

extension PostgresStore: ProfileStore {
    @discardableResult
    public func put(_ profiles: [Profile]) async throws(StoreError) -> [Result<String, IdentityRefusal>] {
        let author = Author.current
        var results: [Result<String, IdentityRefusal>] = []
        var rest = profiles[...]
        while !rest.isEmpty {
            let batch = Array(rest.prefix(max(1, configuration.maxProfilesLocked)))
            rest = rest.dropFirst(batch.count)
            let scope = batch.dropFirst().reduce(PeopleScope(of: batch[0])) { $0.union(PeopleScope(of: $1)) }
            results += try await changePeople(scope) { transaction in
                let results = try batch.map { try transaction.put($0) }
                try Self.auditConsents(of: batch.map(\.id), by: author, transaction)
                return results
            }
        }
        return results
    }

    public func change<Refusal: Error>(
        _ id: String, by change: @escaping @Sendable (Profile) -> Result<Profile, Refusal>
    ) async throws(StoreError) -> ProfileChange<Refusal> {
        let author = Author.current
        return try await changePeople(Self.scope(of: [id])) { transaction in
            let result = try transaction.change(id, by: change)
            try Self.auditConsents(of: [id], by: author, transaction)
            return result
        }
    }

    public func merge(_ from: String, into: String) async throws(StoreError) -> Result<ProfileMerge, IdentityRefusal> {
        let author = Author.current
        return try await changePeople(Self.scope(of: [from, into])) { transaction in
            let result = try transaction.merge(from, into: into)
            if case .success(let merge) = result, merge.isNew {
                try Self.audit(
                    transaction.connection, .merge, merge.profile.id, about: .recipient(merge.profile.id),
                    detail: "with \(from)", by: author, at: transaction.now)
            }
            return result
        }
    }

    public func erase(_ id: String) async throws(StoreError) -> Erasure? {
        let author = Author.current
        let step = try await changePeople(Self.scope(of: [id])) { try $0.erase(id, by: author) }
        guard let names = step.names else { return nil }
        var erasure = Erasure(messages: 0, cancelled: 0, suppressions: step.suppressions)
        var after: Int64? = 0
        let limit = max(1, configuration.maxMessagesLocked)
        // Runs in steps, so that a recipient with many messages does not block decisions.
        while let from = after {
            let done = try await changePeople(PeopleScope(names: Set(names), addresses: [])) { transaction in
                try transaction.eraseMessages(of: names, step.words, after: from, limit: limit)
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
        let recipients = statements.map(\.recipient)
        return try await changePeople(Self.scope(of: recipients)) { transaction in
            let outcomes = try statements.map { try transaction.take($0) }
            try Self.auditConsents(of: recipients, by: author, transaction)
            return outcomes
        }
    }

    public func suppress(_ suppressions: [Suppression]) async throws(StoreError) {
        if suppressions.isEmpty { return }
        let author = Author.current
        let subjects = Set(suppressions.map(\.subject))
        try await changePeople(PeopleScope(names: subjects, addresses: subjects)) { transaction in
            try transaction.suppress(suppressions)
            guard suppressions.count == 1, let only = suppressions.first else {
                return try Self.audit(
                    transaction.connection, .suppress, "\(suppressions.count) recipients or addresses", by: author,
                    at: transaction.now)
            }
            let scope = [only.channel?.description, only.category].compactMap { $0 }
            try Self.audit(
                transaction.connection, .suppress, only.label, about: only.subject,
                detail: ([only.reason.rawValue] + scope).joined(separator: ", "), by: author, at: transaction.now)
        }
    }

    public func lift(
        subject: KeyHash, channel: Channel?, category: String?, reason: Suppression.Reason?, notAfter instant: Instant?,
        by word: SuppressionLifting
    ) async throws(StoreError) -> Int {
        let author = Author.current
        return try await changePeople(PeopleScope(names: [subject], addresses: [])) { transaction in
            let lifted = try transaction.lift(
                subject: subject, channel: channel, category: category, reason: reason, notAfter: instant, by: word)
            guard lifted > 0, author != nil else { return lifted }
            let label = try transaction.lastLabel(of: subject) ?? Suppression.erasedLabel(subject)
            try Self.audit(
                transaction.connection, .lift, label, about: subject, detail: "\(lifted) suppressions", by: author,
                at: transaction.now)
            return lifted
        }
    }
}
