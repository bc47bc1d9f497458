public import SobreModel

/// A receipt as it came, before anybody believes it.
public struct ReceiptCall: Sendable {
    /// The provider that the path names.
    public var provider: String
    /// The query of the URL as it was sent; empty: none.
    public var query: String
    /// The fields that verifying may need, by their names in lower case.
    public var headers: [String: String]
    public var body: [UInt8]
}

/// Why a receipt is refused: a stable word for programs and counters, and a sentence for people.
public struct ReceiptRejection: Error, Sendable {
    public var code: String
    public var message: String

    public init(code: String, message: String) {
        self.code = code
        self.message = message
    }
}

/// What the receipts endpoint must know of the configured providers: given by the assembly.
public protocol ReceiptRegistry: Sendable {
    /// How many receipts may wait in the inbox.
    var maxWaiting: Int { get }
    /// Whether a provider of this name is configured.
    func knows(_ provider: String) -> Bool
    /// Lets a receipt pass that proves to be the provider's own.
    func verify(_ call: ReceiptCall, now: Instant) throws(ReceiptRejection)
    /// Reads a receipt in the provider's own form; nil: the provider has none, or this is not it.
    func read(_ call: ReceiptCall, isSigned: Bool, now: Instant) throws(ReceiptRejection) -> [Receipt]?
    /// Receipts came in.
    func wake()
}
