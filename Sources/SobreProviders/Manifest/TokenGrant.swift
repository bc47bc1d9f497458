internal import JSON
internal import Signing
internal import SobreDelivery
internal import SobreModel
internal import Text

/// Requests an access token with a signed assertion (RFC 7523 §2.1), and parses the response.
struct TokenGrant: Sendable, Redacted {
    /// How long an assertion is valid. Google accepts at most an hour.
    static let assertionLifetimeSeconds: Int64 = 3600

    let url: String
    let issuer: String
    let scope: String?
    let keyID: String?
    let key: PrivateKey
    let renewBefore: Duration

    /// A JWT signed with RS256.
    func assertion(at now: Instant) throws(KeyError) -> String {
        let seconds = now.milliseconds.floorDivided(by: 1000)
        var claims = JSONWriter()
        claims.beginObject()
        claims.member("iss", ifPresent: issuer)
        claims.member("scope", ifPresent: scope)
        claims.member("aud", ifPresent: url)
        claims.key("iat")
        claims.value(seconds)
        claims.key("exp")
        claims.value(seconds + Self.assertionLifetimeSeconds)
        claims.endObject()
        return try JWT.sign(claims: claims.take(), key: key, algorithm: .rs256, keyID: keyID)
    }

    func call(at now: Instant, timeout: Duration) throws(KeyError) -> HTTPCall {
        var body = Array("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=".utf8)
        body.append(contentsOf: try assertion(at: now).utf8)
        return HTTPCall(
            url: url,
            headers: [("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json")],
            body: body, timeout: timeout)
    }

    enum Answer: Sendable {
        case token(String, until: Instant)
        case refused(Outcome)
    }

    /// The message itself has not been sent yet, so every failure here proves that nothing was sent.
    func read(_ answer: HTTPAnswer, at now: Instant) -> Answer {
        switch answer {
        case .failure(let fault):
            let kind = fault.proof == .configuration ? Outcome.Kind.configuration : .transient
            return .refused(Outcome(kind, detail: Redaction.line("no access token: \(fault.message)")))
        case .response(let status, _, let body):
            guard (200..<300).contains(status) else { return .refused(refusal(status, body)) }
            guard let root = try? JSONDocument.parse(body, limits: .request).root, root.kind == .object,
                let token = root["access_token"]?.string, !token.isEmpty,
                token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
            else {
                return .refused(
                    Outcome(.transient, detail: "no access token: the response of the token URL contains none"))
            }
            let lifetime = Int64(max(1, min(root["expires_in"]?.int ?? 3600, 86_400)))
            let useful = max(lifetime * 500, lifetime * 1000 - renewBefore.milliseconds)
            return .token(token, until: Instant(milliseconds: now.milliseconds + useful))
        }
    }

    private func refusal(_ status: Int, _ body: [UInt8]) -> Outcome {
        let root = try? JSONDocument.parse(body, limits: .request).root
        let words =
            root?.kind == .object
            ? [root?["error"]?.string, root?["error_description"]?.string].compactMap { $0 }.joined(separator: ": ")
            : ""
        let kind: Outcome.Kind =
            switch status {
            case 300..<400: .configuration
            case 408, 429, 500...: .transient
            default: .auth
            }
        return Outcome(kind, detail: Redaction.line("no access token: HTTP \(status) \(words)"))
    }
}
