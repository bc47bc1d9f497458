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
    /// What requests of one second to one URL have in common.
    private struct Prepared {
        let second: Int64
        let url: String
        /// `20260301T090808Z`.
        let time: String
        let scope: String
        let host: String
        /// The method's line is followed by these two: the canonical path and query.
        let target: String
        /// The same for a whole day.
        let day: String
        let key: HMACKey
    }

    private let last: Mutex<Prepared?> = Mutex(nil)

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
        let prepared = prepared(for: url, at: now)
        headers.append(("X-Amz-Date", prepared.time))
        if let sessionToken { headers.append(("X-Amz-Security-Token", sessionToken)) }
        var signed = [(name: "host", value: prepared.host)]
        for (name, value) in headers {
            if let name = Self.signedName(name) { signed.append((name, Self.trimmed(value))) }
        }
        signed.sort { $0.name < $1.name }
        let names = signed.map(\.name).joined(separator: ";")
        var canonical: [UInt8] = []
        canonical.reserveCapacity(512)
        for part in [method, "\n", prepared.target] { canonical.append(contentsOf: part.utf8) }
        for (name, value) in signed {
            canonical.append(contentsOf: name.utf8)
            canonical.append(UInt8(ascii: ":"))
            canonical.append(contentsOf: value.utf8)
            canonical.append(0x0a)
        }
        canonical.append(0x0a)
        for part in [names, "\n", Hex.encode(Digest.sha256(body))] { canonical.append(contentsOf: part.utf8) }
        let text = "AWS4-HMAC-SHA256\n\(prepared.time)\n\(prepared.scope)\n\(Hex.encode(Digest.sha256(canonical)))"
        let signature = Hex.encode(prepared.key.authenticate(text))
        headers.append(
            (
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=\(accessKey)/\(prepared.scope), SignedHeaders=\(names), "
                    + "Signature=\(signature)"
            ))
    }

    private func prepared(for url: String, at now: Instant) -> Prepared {
        let second = now.milliseconds.floorDivided(by: 1000)
        return last.withLock { last in
            if let last, last.second == second, last.url == url { return last }
            let parts = URLParts(url)
            // Every service but S3 encodes the path a second time.
            let path = PercentEncoding.encode(parts.path, keeping: Self.pathText)
            let query = parts.query.split(separator: "&").map(Self.pair).sorted { $0 < $1 }
                .map { "\($0.0)=\($0.1)" }.joined(separator: "&")
            let time = Self.basicTime(now)
            let day = String(time.prefix(8))
            let prepared = Prepared(
                second: second, url: url, time: time, scope: "\(day)/\(region)/\(service)/aws4_request",
                host: parts.host, target: "\(path)\n\(query)\n", day: day,
                key: last.flatMap { $0.day == day ? $0.key : nil } ?? key(for: day))
            last = prepared
            return prepared
        }
    }

    /// The name in lower case; nil if it is not signed.
    private static func signedName(_ name: String) -> String? {
        switch name {
        case "Content-Type": return "content-type"
        case "X-Amz-Date": return "x-amz-date"
        default:
            guard let first = name.utf8.first, [0x43, 0x63, 0x58, 0x78].contains(first) else { return nil }
            let name = name.lowercased()
            return name == "content-type" || name.hasPrefix("x-amz-") ? name : nil
        }
    }

    private static let pathText = PercentEncoding.unreserved.union(ASCIISet("/"))

    private func key(for day: String) -> HMACKey {
        var key = Array("AWS4\(secretKey)".utf8)
        for part in [day, region, service, "aws4_request"] { key = HMAC.sha256(Array(part.utf8), key: key) }
        return HMACKey(key)
    }

    /// `20260301T090808Z`.
    private static func basicTime(_ now: Instant) -> String {
        let seconds = Instant(milliseconds: now.milliseconds.floorDivided(by: 1000) * 1000)
        return seconds.rfc3339.filter { $0 != "-" && $0 != ":" }
    }

    /// Without spaces at its ends, and with single spaces inside.
    private static func trimmed(_ value: String) -> String {
        var afterSpace = true
        for byte in value.utf8 {
            if byte == 0x20, afterSpace { return value.split(separator: " ").joined(separator: " ") }
            afterSpace = byte == 0x20
        }
        return afterSpace && !value.isEmpty ? value.split(separator: " ").joined(separator: " ") : value
    }

    private static func pair(_ text: Substring) -> (String, String) {
        guard let equals = text.firstIndex(of: "=") else { return (String(text), "") }
        return (String(text[..<equals]), String(text[text.index(after: equals)...]))
    }
}
