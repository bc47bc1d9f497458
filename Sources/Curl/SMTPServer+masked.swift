internal import Text

extension SMTPServer {
    /// A server's words without our password or token: some servers repeat the command that they refuse, with what was in it.
    ///
    /// - Parameter text: words of the server or of libcurl.
    /// - Returns: the text, in which `…` stands for the secret in plain and in every encoding in which AUTH sends it.
    func masked(_ text: String) -> String {
        let name = username ?? ""
        var secrets: [String] = []
        if let bearer, !bearer.isEmpty {
            let authority = url.drop { $0 != "/" }.dropFirst(2).split(separator: ":", omittingEmptySubsequences: false)
            let host = authority.first ?? ""
            let port = authority.count > 1 ? authority[1] : ""
            secrets += [
                bearer, Base64.encode(Array("user=\(name)\u{1}auth=Bearer \(bearer)\u{1}\u{1}".utf8)),
                Base64.encode(
                    Array("n,a=\(name),\u{1}host=\(host)\u{1}port=\(port)\u{1}auth=Bearer \(bearer)\u{1}\u{1}".utf8)),
            ]
        }
        guard let password, !password.isEmpty else { return Self.masked(text, secrets) }
        secrets += [
            password, Base64.encode(Array(password.utf8)), Base64.encode(Array("\0\(name)\0\(password)".utf8)),
            Base64.encode(Array("\(name)\0\(name)\0\(password)".utf8)),
        ]
        return Self.masked(text, secrets)
    }

    private static func masked(_ text: String, _ secrets: [String]) -> String {
        // The longest first: one may be a part of another.
        secrets.sorted { $0.utf8.count > $1.utf8.count }.reduce(text) { text, secret in
            text.contains(secret) ? text.replacing(secret, with: "…") : text
        }
    }

    func masked(_ reply: SMTPReply) -> SMTPReply {
        guard password != nil || bearer != nil, !reply.isPositive else { return reply }
        return SMTPReply(code: reply.code, enhancedStatus: reply.enhancedStatus, text: masked(reply.text))
    }
}
