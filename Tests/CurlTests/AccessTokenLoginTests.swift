import Testing
import Text

@testable import Curl

@Suite("Login with an access token")
struct AccessTokenLoginTests {
    private static let token = "ya29.token-of-a-mailbox"

    /// What OAUTHBEARER and XOAUTH2 send for the user "user".
    private static func responses(port: UInt16) -> [String: String] {
        [
            "XOAUTH2": Base64.encode(Array("user=user\u{1}auth=Bearer \(token)\u{1}\u{1}".utf8)),
            "OAUTHBEARER": Base64.encode(
                Array("n,a=user,\u{1}host=127.0.0.1\u{1}port=\(port)\u{1}auth=Bearer \(token)\u{1}\u{1}".utf8)),
        ]
    }

    private static func submission(port: UInt16) -> MailSubmission {
        var submission = MailSubmission.test(port: port, username: "user")
        submission.server.password = nil
        submission.server.bearer = token
        return submission
    }

    @Test("The token is sent as the server offers it", arguments: ["XOAUTH2", "OAUTHBEARER"])
    func login(mechanism: String) async throws {
        let usual = SMTPPeer().reply
        let peer = SMTPPeer(
            offers: ["AUTH \(mechanism)"],
            reply: { line in
                if line.hasPrefix("AUTH \(mechanism)") { return "334 " }
                return line.utf8.count > 40 && !line.hasPrefix("MAIL") ? "235 2.7.0 welcome" : usual(line)
            })
        let server = try TestServer { peer.serve($0) }
        defer { server.stop() }
        let loop = MailLoop()
        #expect(await loop.perform(Self.submission(port: server.port)).outcome.isAccepted)
        let sent = try #require(Self.responses(port: server.port)[mechanism])
        #expect(peer.commands.values.contains(sent) || peer.commands.values.contains("AUTH \(mechanism) \(sent)"))
        await loop.shutdown()
    }

    @Test("A refused token is a refused login, and no error shows it", arguments: ["XOAUTH2", "OAUTHBEARER"])
    func refused(mechanism: String) async throws {
        let usual = SMTPPeer().reply
        let peer = SMTPPeer(
            offers: ["AUTH \(mechanism)"],
            reply: { line in
                if line.hasPrefix("AUTH \(mechanism)") { return "334 " }
                if line.utf8.count > 40 { return "535 5.7.8 bad \(line) and \(Self.token)" }
                return usual(line)
            })
        let server = try TestServer { peer.serve($0) }
        defer { server.stop() }
        let loop = MailLoop()
        let failure = try #require(await loop.perform(Self.submission(port: server.port)).outcome.failure)
        #expect(failure.delivery == .configuration)
        #expect(failure.refusal?.stage == .login)
        let sent = try #require(Self.responses(port: server.port)[mechanism])
        for text in [failure.description, failure.refusal?.reply.text ?? ""] {
            #expect(!text.contains(Self.token) && !text.contains(sent) && text.contains("…"), "\(text)")
        }
        #expect(!peer.commands.values.contains { $0.hasPrefix("MAIL") })
        await loop.shutdown()
    }
}
