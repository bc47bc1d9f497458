import JSON
import SobreClient
public import SobreIntake
public import SobreModel
public import SobreStore

extension Backend {
    /// Records a recipient's consent or refusal.
    ///
    /// - Parameters:
    ///   - statement: the consent as JSON.
    ///   - id: the recipient's id or an alias.
    /// - Returns: whether the statement is in force; false when a newer one is.
    /// - Throws: `IntakeProblem` when the statement is rejected.
    public func record(consent statement: [UInt8], of id: String) async throws -> Bool {
        switch self {
        case .server(let client): return try await client.record(consent: statement, of: id)
        case .store(_, let intake):
            let root = try JSONDocument.parse(statement).root
            switch await intake.takeConsents(root, recipient: id, now: SystemTime().now()).first?.outcome {
            case .stored?: return true
            case .superseded?, nil: return false
            case .rejected(var problem)?:
                problem.line = nil
                throw problem
            case .notStored(let error)?: throw error
            }
        }
    }

    /// Merges two profiles under the second id. Returns false when they were one profile already.
    public func merge(_ from: String, into: String) async throws -> Bool {
        switch self {
        case .server(let client): return try await client.merge(from, into: into)
        case .store(_, let intake):
            switch await intake.merge(from, into: into) {
            case .success(let merge): return merge.isNew
            case .failure(.rejected(let problem)): throw problem
            case .failure(.notStored(let error)): throw error
            }
        }
    }

    /// Erases a recipient. Returns nil when no profile has this id.
    public func erase(_ id: String) async throws -> Erasure? {
        switch self {
        case .server(let client): try await client.erase(id)
        case .store(let store, _): try await store.erase(id)
        }
    }

    /// An order to add or lift suppressions: its subject, its scope and who ordered it.
    public struct SuppressionOrder: Sendable {
        /// The recipient or address as the caller named it and as the store keys it.
        public var subject: SuppressionSubject
        public var recipient: String?
        public var channel: Channel?
        public var address: String?
        public var category: String?
        public var source: String
        public var evidence: String?
        /// Whether an order to lift is about the recipient's addresses, too.
        public var includesAddresses = false

        /// Makes an order about a recipient, or about an address on its channel.
        public init(
            subject: SuppressionSubject, recipient: String?, channel: Channel?, address: String?, category: String?,
            source: String, evidence: String?
        ) {
            self.subject = subject
            self.recipient = recipient
            self.channel = channel
            self.address = address
            self.category = category
            self.source = source
            self.evidence = evidence
        }

        /// The order's members under their names in the API.
        fileprivate var members: [(name: StaticString, value: String?)] {
            [
                ("recipient", recipient), ("channel", channel?.description), ("address", address),
                ("category", category), ("source", source), ("evidence", evidence),
            ]
        }
    }

    /// Suppresses a recipient or an address. In force at once.
    public func suppress(_ order: SuppressionOrder, reason: Suppression.Reason) async throws {
        var writer = JSONWriter()
        writer.object { writer in
            for (name, value) in order.members { writer.member(name, ifPresent: value) }
            writer.member("reason", ifPresent: reason.rawValue)
        }
        let body = writer.take()
        switch self {
        case .server(let client): try await client.suppress(body)
        case .store(_, let intake):
            _ = try await intake.takeSuppressions(try JSONDocument.parse(body).root, now: SystemTime().now())
        }
    }

    /// Lifts the suppressions of a recipient or an address. Returns how many were lifted.
    public func lift(_ order: SuppressionOrder) async throws -> Int {
        switch self {
        case .server(let client):
            try await client.lift(order.members + (order.includesAddresses ? [("addresses", "true")] : []))
        case .store(let store, _):
            try await store.lift(
                order.subject, category: order.category, includingAddresses: order.includesAddresses,
                by: SuppressionLifting(source: order.source, evidence: order.evidence))
        }
    }
}
