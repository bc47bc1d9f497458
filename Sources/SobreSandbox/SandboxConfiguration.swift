public import Text

/// Where a sandbox listens, what it keeps and which faults it injects.
///
/// Every limit has a default that suits a laptop. The sandbox's memory does not grow with the number of received
/// messages.
public struct SandboxConfiguration: Sendable, Redacted {
    /// The address that both listeners bind. Keep it a loopback address: the sandbox accepts any credentials.
    public var host = "127.0.0.1"

    /// Further names under which HTTP requests may come, beside `localhost`, ``host`` and any IP address.
    public var allowedHosts: [String] = []

    /// The HTTP port; with 0 the kernel chooses one.
    public var httpPort = 0

    /// The SMTP port; with 0 the kernel chooses one.
    public var smtpPort = 0

    /// The directory for `received.ndjson` and the bodies; created if missing.
    ///
    /// Without one, the record is an unlinked temporary file that is lost when the process ends.
    public var directory: String?

    /// Whether each message's body is stored as a file under `bodies/`. Requires ``directory``.
    public var storesBodies = false

    /// The initial faults. They can be replaced at any time through `POST /_sandbox/faults`.
    public var faults = FaultPlan()

    /// The seed of the fault dice. The same seed gives the same sequence of faults.
    public var seed: UInt64 = 1

    /// The Standard Webhooks secret (`whsec_…` or bare base64). If set, webhooks with a wrong signature get a 401.
    public var webhookSecret: String?

    /// The receipts for accepted messages; nil sends none.
    public var receipts: ReceiptPlan?

    /// The longest HTTP body and the longest email, in bytes.
    public var maxBodyBytes = 10 * 1024 * 1024

    /// The most bytes of unfinished bodies over all connections. Beyond it, senders are asked to try later.
    public var maxBufferedBytes = 256 * 1024 * 1024

    /// The most open connections over both listeners. Any more are answered with 503 or 421 and closed.
    public var maxConnections = 4096

    /// How long a client may take to send one whole request or mail command, in milliseconds.
    public var requestTimeoutMilliseconds = 30_000

    /// How long a connection may be idle between requests, in milliseconds.
    public var idleTimeoutMilliseconds = 120_000

    /// How long a connection that the fault plan leaves without an answer is kept, in milliseconds.
    public var hangTimeoutMilliseconds = 600_000

    /// The number of newest messages indexed in memory (about 40 bytes each). Older ones are read from the file.
    public var indexedMessages = 100_000

    /// A configuration with the defaults above.
    public init() {}

    /// Throws ``SandboxError/configuration(_:)`` if a value is invalid.
    func validate() throws {
        for (name, port) in [("HTTP", httpPort), ("SMTP", smtpPort)] where !(0...65_535).contains(port) {
            throw SandboxError.configuration("The \(name) port is \(port); choose 0 (any) to 65535.")
        }
        if storesBodies, directory == nil {
            throw SandboxError.configuration("Bodies can be kept only in a directory; name one.")
        }
        if let webhookSecret, WebhookSignature.key(secret: webhookSecret) == nil {
            throw SandboxError.configuration(
                "The webhook secret is not base64; give it as whsec_… or as bare base64, as the sender has it.")
        }
        if let receipts {
            if let secret = receipts.secret, WebhookSignature.key(secret: secret) == nil {
                throw SandboxError.configuration(
                    "The receipts secret is not base64; give it as whsec_… or as bare base64, as the server has it.")
            }
            if ReceiptURL(receipts.url.filter { $0 != "{" && $0 != "}" }) == nil {
                throw SandboxError.configuration(
                    "The receipts URL cannot be called; write http://HOST:PORT/v1/receipts/{provider}.")
            }
        }
        let limits: [(name: String, value: Int)] = [
            ("maxBodyBytes", maxBodyBytes), ("maxBufferedBytes", maxBufferedBytes),
            ("maxConnections", maxConnections), ("requestTimeoutMilliseconds", requestTimeoutMilliseconds),
            ("idleTimeoutMilliseconds", idleTimeoutMilliseconds),
            ("hangTimeoutMilliseconds", hangTimeoutMilliseconds), ("indexedMessages", indexedMessages),
        ]
        for limit in limits where limit.value < 1 {
            throw SandboxError.configuration("\(limit.name) is \(limit.value); it must be at least 1.")
        }
    }
}
