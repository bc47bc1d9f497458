internal import JSON
internal import SobreDelivery
internal import SobreModel

/// A grant of OAuth 2: its response contains an access token (RFC 6749 §5).
protocol AccessTokenSource: TokenSource {
    /// How long before its end a token is renewed.
    var renewBefore: Duration { get }
}

extension AccessTokenSource {
    var what: String { "access token" }

    /// A request for a token, with its parameters as a form.
    func formCall(
        _ fields: [(String, String)], headers: [(name: String, value: String)] = [], to url: String, timeout: Duration
    ) -> HTTPCall {
        var body: [UInt8] = []
        for (name, value) in fields {
            Escaping.appendFormName(name, to: &body)
            Escaping.form.append(value, to: &body)
        }
        let all = [("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json")] + headers
        return HTTPCall(url: url, headers: all, body: body, timeout: timeout)
    }

    func read(_ answer: HTTPAnswer, at now: Instant) -> TokenAnswer {
        guard case .response(_, _, let body) = answer else {
            return refusal(of: answer) ?? refused(.transient, "there is no response")
        }
        let root = try? JSONDocument.parse(body, limits: .request).root
        let members = root?.kind == .object ? root : nil
        let words = [members?["error"]?.string, members?["error_description"]?.string].compactMap { $0 }
        if let refusal = refusal(of: answer, words: words.joined(separator: ": ")) { return refusal }
        guard let members, let token = members["access_token"]?.string, !token.isEmpty,
            token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        else { return refused(.transient, "the response of the token URL contains none") }
        let lifetime = Int64(max(1, min(members["expires_in"]?.int ?? 3600, 86_400)))
        let useful = max(lifetime * 500, lifetime * 1000 - renewBefore.milliseconds)
        return .token(token, until: Instant(milliseconds: now.milliseconds + useful))
    }
}
