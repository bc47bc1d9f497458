import JSON
import SobreClient
public import SobreIntake
public import SobreModel
public import SobreStore

extension Backend {
    /// Records what a person allowed or refused.
    ///
    /// - Parameters:
    ///   - statement: the consent as JSON.
    ///   - id: the person's id or an alias.
    /// - Returns: whether it is in force; false: something newer is.
    /// - Throws: `IntakeProblem` when it is not taken.
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

    /// Makes two profiles one person, under the second id. Returns whether they were two.
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

    /// Forgets a person. Nil: nobody has this id.
    public func erase(_ id: String) async throws -> Erasure? {
        switch self {
        case .server(let client): try await client.erase(id)
        case .store(let store, _): try await store.erase(id)
        }
    }

    /// An order about suppressions: whom and what it is about, and by whose word.
    public struct SuppressionOrder: Sendable {
        /// Whom it is about, as it was named, and as the store knows it.
        public var subject: SuppressionSubject
        public var recipient: String?
        public var channel: Channel?
        public var address: String?
        public var category: String?
        public var source: String
        public var evidence: String?

        /// Makes an order about a person, or about an address on its channel.
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

        /// The order's members by their names in the API.
        fileprivate var members: [(name: StaticString, value: String?)] {
            [
                ("recipient", recipient), ("channel", channel?.description), ("address", address),
                ("category", category), ("source", source), ("evidence", evidence),
            ]
        }
    }

    /// Stops contacting a person or an address; in force at once.
    public func suppress(_ order: SuppressionOrder, reason: Suppression.Reason) async throws {
        switch self {
        case .server(let client):
            var writer = JSONWriter()
            writer.object { writer in
                for (name, value) in order.members { writer.member(name, ifPresent: value) }
                writer.member("reason", ifPresent: reason.rawValue)
            }
            try await client.suppress(writer.take())
        case .store(let store, _):
            try await store.suppress([
                Suppression(
                    subject: order.subject.keyHash, label: order.subject.label, reason: reason,
                    channel: order.subject.scope, category: order.category, source: order.source,
                    at: SystemTime().now(), evidence: order.evidence)
            ])
        }
    }

    /// Lifts the suppressions of a person or an address. Returns how many there were.
    public func lift(_ order: SuppressionOrder) async throws -> Int {
        switch self {
        case .server(let client): try await client.lift(order.members)
        case .store(let store, _):
            try await store.lift(
                subject: order.subject.keyHash, channel: order.subject.scope, category: order.category,
                by: SuppressionLifting(source: order.source, evidence: order.evidence))
        }
    }
}
