/// What was found of one record of a domain.
public struct MailDomainFinding: Hashable, Sendable {
    public enum Record: String, Sendable {
        case spf = "SPF"
        case dkim = "DKIM"
        case dmarc = "DMARC"
    }

    public enum State: String, Sendable {
        case good
        /// It works, and could be better.
        case warning
        case wrong
        /// No resolver answered.
        case unknown
    }

    public let record: Record
    /// The name that was asked for.
    public let name: String
    public let state: State
    /// The record, or what is wrong with it and what to do.
    public let detail: String

    init(_ record: Record, _ name: String, _ state: State, _ detail: String) {
        self.record = record
        self.name = name
        self.state = state
        self.detail = detail
    }
}
