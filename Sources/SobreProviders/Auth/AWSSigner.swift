internal import Signing
internal import SobreModel
internal import Synchronization
internal import Text

/// Signs requests with AWS Signature Version 4.
///
/// libcurl signs only requests without a query correctly, so this signer is used for all. Source: AWS General Reference,
/// "Create a signed AWS API request".
final class AWSSigner: Sendable, Redacted {
    private let region: String
    private let service: String
    private let accessKey: String
    private let secretKey: String
    private let sessionToken: String?
    /// The signing key is the same for a whole day.
    private let derived: Mutex<(day: String, key: HMACKey)?> = Mutex(nil)

    init(region: String, service: String, accessKey: String, secretKey: String, sessionToken: String?) {
        self.region = region
        self.service = service
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.sessionToken = sessionToken
    }

    /// Adds the headers that authorise a request.
    ///
    /// - Parameters:
    ///   - method: the request's method.
    ///   - url: the whole URL, its path and query percent-encoded.
    ///   - body: the bytes that are sent.
    ///   - now: the time of the signature; AWS accepts it for about 5 minutes.
    ///   - headers: the request's headers. Content-Type and those that begin with `x-amz-` are signed.
    func sign(
        method: String, url: String, body: [UInt8], at now: Instant, into headers: inout [(name: String, value: String)]
    ) {
        let parts = URLParts(url)
        let time = Self.basicTime(now)
        headers.append(("X-Amz-Date", time))
        if let sessionToken { headers.append(("X-Amz-Security-Token", sessionToken)) }
        var signed = headers.compactMap { name, value -> (name: String, value: String)? in
            let name = name.lowercased()
            return name == "content-type" || name.hasPrefix("x-amz-") ? (name, Self.trimmed(value)) : nil
        }
        signed.append(("host", parts.host))
        signed.sort { $0.name < $1.name }
        let names = signed.map(\.name).joined(separator: ";")
        let fields = signed.map { "\($0.name):\($0.value)\n" }.joined()
        // Every service but S3 encodes the path a second time.
        let path = PercentEncoding.encode(parts.path, keeping: Self.pathText)
        let query = parts.query.split(separator: "&").map(Self.pair).sorted { $0 < $1 }
        let canonical =
            "\(method)\n\(path)\n\(query.map { "\($0.0)=\($0.1)" }.joined(separator: "&"))\n\(fields)\n\(names)\n"
            + Hex.encode(Digest.sha256(body))
        let day = String(time.prefix(8))
        let scope = "\(day)/\(region)/\(service)/aws4_request"
        let text = "AWS4-HMAC-SHA256\n\(time)\n\(scope)\n\(Hex.encode(Digest.sha256(canonical)))"
        let signature = Hex.encode(key(for: day).authenticate(text))
        headers.append(
            (
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=\(accessKey)/\(scope), SignedHeaders=\(names), Signature=\(signature)"
            ))
    }

    private static let pathText = PercentEncoding.unreserved.union(ASCIISet("/"))

    private func key(for day: String) -> HMACKey {
        derived.withLock { derived in
            if let derived, derived.day == day { return derived.key }
            var key = Array("AWS4\(secretKey)".utf8)
            for part in [day, region, service, "aws4_request"] { key = HMAC.sha256(Array(part.utf8), key: key) }
            let prepared = HMACKey(key)
            derived = (day, prepared)
            return prepared
        }
    }

    /// `20260301T090808Z`.
    private static func basicTime(_ now: Instant) -> String {
        let seconds = Instant(milliseconds: now.milliseconds.floorDivided(by: 1000) * 1000)
        return seconds.rfc3339.filter { $0 != "-" && $0 != ":" }
    }

    /// Without spaces at its ends, and with single spaces inside.
    private static func trimmed(_ value: String) -> String { value.split(separator: " ").joined(separator: " ") }

    private static func pair(_ text: Substring) -> (String, String) {
        guard let equals = text.firstIndex(of: "=") else { return (String(text), "") }
        return (String(text[..<equals]), String(text[text.index(after: equals)...]))
    }
}
