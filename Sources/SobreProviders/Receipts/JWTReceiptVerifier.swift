internal import JSON
internal import Signing
internal import SobreModel
internal import Text

/// A JSON Web Token with HS256 that covers the body, and the URL where the provider says so, by their hashes.
struct JWTReceiptVerifier: ReceiptVerifier {
    let key: HMACKey
    let token: ReceiptPlace
    /// The claim with the hexadecimal SHA-256 of the body.
    let payloadClaim: String
    /// The claim with the hexadecimal SHA-256 of the URL; nil: it is not covered.
    let urlClaim: String?
    let maxAge: Duration

    var readsAuthorization: Bool { token == .header("authorization") }

    func verify(_ receipt: IncomingReceipt, now: Instant) throws(ReceiptRefusal) {
        guard var text = receipt.text(token) else { throw refused("The receipt has no token.") }
        if text.hasPrefix("Bearer ") { text.removeFirst(7) }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let header = Self.object(parts[0]), let claims = Self.object(parts[1]),
            let code = try? Base64.decodeURL(parts[2])
        else { throw refused("The receipt's token is not a JSON Web Token.") }
        // Any other algorithm, such as none, would let the sender choose how it is verified.
        guard header["alg"]?.string == "HS256" else { throw refused("The receipt's token does not use HS256.") }
        guard constantTimeEquals(key.authenticate("\(parts[0]).\(parts[1])"), code) else {
            throw refused("The receipt's token does not match: the provider uses another key than the settings.")
        }
        // A request without a body has no hash of it.
        let hash = claims[payloadClaim]?.string?.lowercased()
        guard receipt.request.body.isEmpty && hash == nil || hash == Hex.encode(Digest.sha256(receipt.request.body))
        else { throw refused("The receipt's token belongs to another body.") }
        if let urlClaim {
            guard let url = receipt.text(.url), claims[urlClaim]?.string?.lowercased() == Hex.encode(Digest.sha256(url))
            else { throw refused("The receipt's token belongs to another URL than callback_url.") }
        }
        try check(claims["iat"] ?? claims["nbf"], claims["exp"], now: now)
    }

    private func check(_ issued: JSONRef?, _ end: JSONRef?, now: Instant) throws(ReceiptRefusal) {
        func instant(_ value: JSONRef) -> Instant? { value.double.flatMap { ReceiptTime.instant("\($0)") } }
        if let end, let end = instant(end), end + maxAge < now {
            throw ReceiptRefusal(.timestamp, "The receipt's token has expired: check the clocks, or send it again.")
        }
        try check(issued.flatMap(instant), within: maxAge, of: now)
    }

    private static func object(_ part: String) -> JSONRef? {
        guard let bytes = try? Base64.decodeURL(part), let root = try? JSONDocument.parse(bytes, limits: .request).root,
            root.kind == .object
        else { return nil }
        return root
    }
}
