public import SobreIntake
public import SobreModel
public import SobreStore

/// A receipt request before it is verified.
public struct ReceiptCall: Sendable {
    /// The provider named in the path.
    public var provider: String
    /// The URL's query as sent; empty if there is none.
    public var query: String
    /// The header fields that verification may need. The names are in lower case.
    public var headers: [String: String]
    public var body: [UInt8]
}

/// The reason why a receipt is rejected: a stable code for programs and counters, and a message for people.
public struct ReceiptRejection: Error, Sendable {
    public var code: String
    public var message: String

    public init(code: String, message: String) {
        self.code = code
        self.message = message
    }
}

/// The receipts of a request in a provider's own format.
public struct NativeReceipts: Sendable {
    public var receipts: [Receipt]
    /// What is wrong with the others.
    public var rejections: [ReceiptRejection]
    /// A message that is no receipt and that a person should read.
    public var unread: UnmatchedInboundMessage?
    /// Messages of recipients.
    public var inbound: [InboundMessage]

    public init(
        receipts: [Receipt], rejections: [ReceiptRejection] = [], unread: UnmatchedInboundMessage? = nil,
        inbound: [InboundMessage] = []
    ) {
        self.receipts = receipts
        self.rejections = rejections
        self.unread = unread
        self.inbound = inbound
    }
}

/// The answer to a request with which a provider tries out the URL for receipts.
public struct ReceiptHandshake: Sendable {
    public var contentType: String
    public var body: String

    public init(contentType: String, body: String) {
        self.contentType = contentType
        self.body = body
    }
}

/// The configured providers, as the receipts endpoint needs them. The assembly provides it.
public protocol ReceiptRegistry: Sendable {
    /// The maximum number of receipts waiting in the inbox.
    var maxWaiting: Int { get }
    /// Whether a provider of this name is configured.
    func knows(_ provider: String) -> Bool
    /// Whether the header Authorization of a provider's receipts contains what authenticates the provider.
    func readsAuthorization(_ provider: String) -> Bool
    /// Verifies that a receipt comes from the provider. Throws if it does not.
    func verify(_ call: ReceiptCall, now: Instant) throws(ReceiptRejection)
    /// Answers a request with which a provider tries out the URL.
    ///
    /// - Parameters:
    ///   - call: the request.
    ///   - isVerified: whether it was verified. Some such requests carry their own token instead.
    /// - Returns: nil if it is no such request, or not one that may be answered.
    func handshake(_ call: ReceiptCall, isVerified: Bool) -> ReceiptHandshake?
    /// Reads a receipt in the provider's own format. Returns nil if the provider has no format of its own, or the call
    /// is not in it.
    func read(_ call: ReceiptCall, isSigned: Bool, now: Instant) throws(ReceiptRejection) -> NativeReceipts?
    /// Verifies that an inbound message comes from one of the configured providers, by the provider's own signature.
    ///
    /// - Parameters:
    ///   - call: the request. Its provider is the one that the query names; empty means any.
    ///   - path: the path of the request's URL.
    ///   - now: the present time.
    /// - Returns: the provider's name.
    /// - Throws: ``ReceiptRejection``. The message must then have no effect.
    func verifyInbound(_ call: ReceiptCall, path: String, now: Instant) throws(ReceiptRejection) -> String
    /// Signals that new receipts are in the inbox.
    func wake()
}
