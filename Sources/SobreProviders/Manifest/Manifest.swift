internal import SobreDelivery
public import SobreModel
public import SobreSettings
internal import Text

/// A provider described as data: the URL to call, how to sign, what to send and how to interpret responses.
///
/// It is parsed, checked and compiled once, so that a mistyped name fails when the manifest is loaded.
/// `Providers/README.md` describes the file format.
public struct Manifest: Sendable {
    /// The name, used in an instance's `type`.
    public let name: String
    /// The supported channels.
    public let channels: Set<Channel>
    /// The version of the provider's API.
    public let version: String?
    /// The provider's documentation.
    public let docs: String?
    /// The evidence for the manifest's claims, for example `vendor's SDK; not tried against the live service`.
    public let evidence: String?
    /// The strongest evidence for the manifest's claims.
    public let verified: Verification
    /// The settings and secrets that it accepts.
    public let settings: [ManifestSetting]
    public let capabilities: ProviderCapabilities
    public let limits: ProviderLimits
    /// How the provider recognises a repeated request.
    public let idempotency: ProviderIdempotency

    let endpoint: Template
    let httpVersion: HTTPCall.Version
    /// The certificate and the key that the server asks for; nil: none.
    let clientCertificate: (certificate: Template, key: Template)?
    /// The largest request body in bytes where it depends on a setting, in place of ``ProviderCapabilities/maxPayload``.
    let payloadLimit: Template?
    let auth: ManifestAuth
    let clock: ClockPlan?
    let signingSecret: Template?
    /// How the provider sends receipts; nil if it sends none, or none in its own format.
    let receipts: ReceiptPlan?
    /// How the provider is asked for the fate of messages; nil if it is not.
    let poll: PollPlan?
    let request: RequestPlan
    /// Whether the request contains the whole email as MIME.
    let usesMIME: Bool
    let response: ResponsePlan
    let examples: [ManifestExample]
    let slots: [SettingSlot]
    /// The file that contains it.
    let file: String

    /// What a manifest was compared with. None was tried against a live service.
    public enum Verification: String, CaseIterable, Sendable {
        /// Requests that the vendor's own library makes.
        case sdk
        /// The vendor's machine-readable specification.
        case spec
        /// Another program that uses the provider.
        case independent
        /// The vendor's documentation alone.
        case none
    }
}

/// A setting or secret that a manifest declares.
public struct ManifestSetting: Hashable, Sendable {
    public let name: String
    public let isSecret: Bool
    public let isOptional: Bool
    /// Whether it is a JSON object whose members expressions can name, such as a service account's key file.
    public let isJSON: Bool
    /// The default if the instance does not set it.
    public let fallback: String?
}

/// What a provider can send. Checked before a cap's slot is reserved.
public struct ProviderCapabilities: Hashable, Sendable {
    /// The longest text in UTF-16 units (SMS).
    public var maxText: Int?
    /// The largest request body in bytes; a token in it is not counted (push).
    public var maxPayload: Int?
    /// The largest request body in bytes, for any channel.
    public var maxBytes: Int?
    /// Whether it accepts attachments (email).
    public var takesAttachments = true
    /// Whether the HTML can show attached images by `cid:` (email).
    public var takesInlineImages = true
    /// Whether it accepts addresses with non-ASCII characters before the `@` (email). The domains of other providers'
    /// addresses are sent in their ASCII form.
    public var takesNonASCIIAddresses = false
    /// The names that an application's data must not have (push); one that ends in `*` stands for all that begin so.
    public var reservedData: [String] = []
    /// The accepted kinds of sender (SMS); empty means any.
    public var senders: Set<SenderKind> = []
    /// For how long after the recipient's last message a free text is accepted, on channels with approved templates;
    /// nil: at any time.
    public var replyWindow: Duration?
}

/// The parts of a request.
struct RequestPlan: Sendable {
    enum ContentType: String, CaseIterable, Sendable {
        case json = "application/json"
        /// JSON for AWS services that are called by X-Amz-Target.
        case awsJSON = "application/x-amz-json-1.0"
        case form = "application/x-www-form-urlencoded"
        case multipart = "multipart/form-data"
    }

    let method: String
    let path: Template
    let query: [(name: String, value: Template)]
    let headers: [(name: String, value: Template)]
    let contentType: ContentType
    let body: BodyNode
    /// Whether the recipient's address is in the body, and not in the URL alone.
    let hasAddressInBody: Bool
}

/// A sample of what a provider sends, with what it must mean.
struct ManifestExample: Sendable {
    enum Sample: Sendable {
        /// A response to a request.
        case answer(status: Int, headers: [(name: String, value: String)], body: [UInt8], expected: Outcome.Kind)
        /// A receipt, with the kinds that are read from it, and the first message of a recipient in it.
        case receipt(ReceiptRequest, expected: [Receipt.Kind], inbound: ReceivedText?)
    }

    let sample: Sample
    let id: String?
    let retryAfter: Duration?
    let line: Int
}
