/// A receipt as received over HTTP.
public struct ReceiptRequest: Sendable {
    /// The raw query of the URL, without the question mark; empty if there is none.
    public var query: String
    /// Field names in lower case.
    public var headers: [String: String]
    public var body: [UInt8]

    public init(query: String = "", headers: [String: String], body: [UInt8]) {
        self.query = query
        self.headers = headers
        self.body = body
    }
}

/// Why a receipt is rejected.
public struct ReceiptRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, CaseIterable, Sendable {
        /// Nothing is configured with which this provider could be authenticated.
        case noSecret = "no_secret"
        /// The signature is missing or wrong.
        case signature
        /// The signature is too old or in the future.
        case timestamp
        /// It cannot be parsed.
        case malformed
        /// The email is neither a bounce nor a complaint.
        case noReport = "no_report"
        /// The email is an automatic answer of a mailbox.
        case autoReply = "auto_reply"
        /// The email names no message of ours.
        case noReference = "no_reference"
        /// It cannot be verified yet. The provider sends it again.
        case unavailable
    }

    public var code: Code
    /// A full sentence that says what to do. It contains no credential.
    public var description: String

    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
