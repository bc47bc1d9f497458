internal import Text

extension SMTPServer {
    /// A server's words without our password: some servers repeat the command that they refuse, with what was in it.
    ///
    /// - Parameter text: words of the server or of libcurl.
    /// - Returns: the text, in which `…` stands for the password in plain and in every encoding in which AUTH sends it.
    func masked(_ text: String) -> String {
        guard let password, !password.isEmpty else { return text }
        let name = username ?? ""
        let secrets = [
            password, Base64.encode(Array(password.utf8)), Base64.encode(Array("\0\(name)\0\(password)".utf8)),
            Base64.encode(Array("\(name)\0\(name)\0\(password)".utf8)),
        ]
        // The longest first: one may be a part of another.
        return secrets.sorted { $0.utf8.count > $1.utf8.count }.reduce(text) { text, secret in
            text.contains(secret) ? text.replacing(secret, with: "…") : text
        }
    }

    func masked(_ reply: SMTPReply) -> SMTPReply {
        guard password != nil, !reply.isPositive else { return reply }
        return SMTPReply(code: reply.code, enhancedStatus: reply.enhancedStatus, text: masked(reply.text))
    }
}
