/// A receipt as it came over HTTP.
public struct ReceiptRequest: Sendable {
    /// The query of the URL as it was sent, without the question mark; empty: none.
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

/// Why a receipt is not taken.
public struct ReceiptRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, CaseIterable, Sendable {
        /// Nothing is configured by which this provider could prove itself.
        case noSecret = "no_secret"
        /// The signature is missing or wrong.
        case signature
        /// It was signed too long ago, or in the future.
        case timestamp
        /// It cannot be read.
        case malformed
    }

    public var code: Code
    /// A full sentence that says what to do; it shows no credential.
    public var description: String

    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
