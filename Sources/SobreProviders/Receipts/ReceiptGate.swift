internal import Signing
public import SobreModel

/// Verifies and reads the receipts of one provider instance.
public struct ReceiptGate: Sendable {
    /// The largest difference between a signature's time and ours, unless the manifest names another.
    public static let tolerance = Duration.seconds(300)

    public let instance: String
    /// The instance's channel; nil: it has none of its own.
    public internal(set) var channel: Channel?
    /// Nil: nothing is configured with which the provider could be authenticated.
    let verifier: (any ReceiptVerifier)?
    /// Whether receipts are signed with the instance's own secret instead of as the manifest says.
    let hasOwnSecret: Bool
    /// The public URL for receipts up to its query; nil: none is configured.
    let url: String?
    let format: ReceiptFormat?
    /// Reads emails that came back; nil: this provider sends none.
    var mail: MailReportReader?

    /// What reads the emails that come back; nil: this provider sends none.
    public var mailReader: MailReportReader? { mail }
    /// Nil if the provider begins without one.
    var handshake: WebhookHandshake?

    /// Whether receipts come in the provider's own format rather than in Sobre's.
    public var hasFormat: Bool { format != nil }

    /// Whether a receipt's header Authorization contains what authenticates the provider, and not an API key.
    public var readsAuthorization: Bool { verifier?.readsAuthorization ?? false }

    /// Verifies that a receipt comes from the provider.
    ///
    /// - Throws: ``ReceiptRefusal``. The receipt must then have no effect.
    public func verify(_ request: ReceiptRequest, now: Instant) throws(ReceiptRefusal) {
        guard let verifier else {
            throw ReceiptRefusal(
                .noSecret,
                "Provider \(instance) has no secret for receipts. Set receipts: {secret: env:NAME} for it, or send an API key "
                    + "with the scope receipts.")
        }
        try verifier.verify(IncomingReceipt(request, url: url), now: now)
    }

    /// Verifies that an inbound message comes from the provider.
    ///
    /// - Parameters:
    ///   - request: the message as received.
    ///   - path: the path of the request's URL.
    ///   - publicURL: how this server is reached from outside, where the provider has no callback URL that says so.
    ///   - now: the present time.
    /// - Throws: ``ReceiptRefusal``. The message must then have no effect.
    public func verifyInbound(
        _ request: ReceiptRequest, path: String, publicURL: String, now: Instant
    ) throws(ReceiptRefusal) {
        guard let twilio = verifier as? TwilioVerifier else { return try verify(request, now: now) }
        let key = twilio.key
        let ours = Self.origin(of: url ?? publicURL) + path
        do { try TwilioSignature.verify(request, key: key, url: ours) } catch {
            guard url != nil else { throw error }
            // Inbound messages may be sent to another name of this server than status callbacks.
            try TwilioSignature.verify(
                request, key: key, url: Self.origin(of: publicURL) + path, setting: "callback_url or links.public_url")
        }
    }

    /// Why a signature over the URL cannot be verified.
    static let noURL = ReceiptRefusal(
        .noSecret,
        "The provider has no callback_url, which its signature covers. Set it, or send an API key with the scope "
            + "receipts.")

    /// Scheme, host and port of a URL.
    private static func origin(of url: String) -> String {
        guard let scheme = url.firstRange(of: "://") else { return url }
        return String(url[..<(url[scheme.upperBound...].firstIndex(of: "/") ?? url.endIndex)])
    }
}
