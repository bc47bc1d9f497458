internal import JSON
internal import Text

/// What a browser's `PushManager.subscribe()` returns: where to send, and for whom to encrypt. The address of a web push
/// is its JSON (`JSON.stringify(subscription)`).
struct PushSubscription: Sendable {
    /// The push service's URL for this browser.
    let endpoint: String
    let host: String
    /// The browser's public key, an uncompressed point of P-256.
    let point: [UInt8]
    let secret: [UInt8]

    /// What is wrong with an address.
    struct Problem: Error {
        let words: String
    }

    private static let limits = JSONLimits(maxDepth: 4, maxBytes: 4096, maxNodes: 64)

    /// - Throws: ``Problem`` if the address is no subscription.
    init(address: String) throws(Problem) {
        guard let root = try? JSONDocument.parse(Array(address.utf8), limits: Self.limits).root, root.kind == .object
        else { throw Problem(words: "it is not the JSON of a subscription") }
        guard let endpoint = root["endpoint"]?.string, ProviderURL.problem(in: endpoint) == nil,
            let host = ProviderURL.host(ofURL: endpoint)
        else { throw Problem(words: "its endpoint is not an https URL") }
        guard let keys = root["keys"], let point = Self.bytes(keys["p256dh"]), point.count == 65, point[0] == 4 else {
            throw Problem(words: "its keys.p256dh is not a public key")
        }
        guard let secret = Self.bytes(keys["auth"]), secret.count == 16 else {
            throw Problem(words: "its keys.auth does not have 16 bytes")
        }
        self.endpoint = endpoint
        self.host = String(host)
        self.point = point
        self.secret = secret
    }

    /// Scheme, host and port, to which a VAPID token is addressed (RFC 8292 §2).
    var origin: String {
        let scheme = endpoint.hasPrefix("https://") ? 8 : 7
        let end = endpoint.utf8.dropFirst(scheme).firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") }
        return String(endpoint[..<(end ?? endpoint.endIndex)])
    }

    private static func bytes(_ value: JSONRef?) -> [UInt8]? {
        value?.string.flatMap { Base64.decodeAny($0.utf8) }
    }
}
