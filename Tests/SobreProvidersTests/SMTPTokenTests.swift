import SobreDelivery
import SobreModel
import SobreSettings
import Synchronization
import Testing

@testable import SobreProviders

@Suite("SMTP with access tokens")
struct SMTPTokenTests {
    private static let environment = ["ID": "client-1", "SECRET": "s3cret-of-client", "REFRESH": "refresh-of-mailbox"]

    private static func provider(
        settings: [String: String] = [:], secrets: [String: SecretReference] = [:]
    ) throws -> SMTPProvider {
        let instance = ProviderInstance(
            name: "relay", type: "smtp",
            settings: [
                "host": "127.0.0.1", "security": "none", "username": "shop@example.com",
                "oauth_token_url": "https://login.example/token",
            ].merging(settings) { $1 },
            secrets: ["oauth_client_id": .environment("ID"), "oauth_client_secret": .environment("SECRET")]
                .merging(secrets) { $1 })
        return try #require(try factory(environment: environment).make(instance).provider as? SMTPProvider)
    }

    private static let message = outbound(
        .email(EmailContent(from: Mailbox(address: "shop@example.com"), subject: "s", text: "t")),
        to: "ann@example.org")

    private static func transport(mail: MailAnswer, status: Int = 200) -> FakeTransport {
        FakeTransport(mail: mail) { _ in
            .json(
                status, status == 200 ? #"{"access_token":"token-1","expires_in":3600}"# : #"{"error":"invalid_grant"}"#
            )
        }
    }

    @Test func `a refresh token is exchanged once, and its access token is the login of every email`() throws {
        let provider = try Self.provider(
            settings: ["oauth_scope": "mail.send"], secrets: ["oauth_refresh_token": .environment("REFRESH")])
        let transport = Self.transport(mail: .accepted(code: 250, text: "ok", queueID: "Q1"))
        for _ in 0..<3 { #expect(send(provider, Self.message, over: transport)?.kind == .accepted) }
        #expect(transport.calls.map(\.url) == ["https://login.example/token"])
        #expect(
            transport.calls.first?.text
                == "grant_type=refresh_token&refresh_token=refresh-of-mailbox&client_id=client-1"
                + "&client_secret=s3cret-of-client&scope=mail.send")
        #expect(transport.mails.map(\.relay.bearer) == ["token-1", "token-1", "token-1"])
        #expect(transport.mails.allSatisfy { $0.relay.username == "shop@example.com" && $0.relay.password == nil })
    }

    @Test func `without a refresh token the client's own credentials are used`() throws {
        let transport = Self.transport(mail: .accepted(code: 250, text: "ok", queueID: "Q1"))
        #expect(send(try Self.provider(), Self.message, over: transport)?.kind == .accepted)
        #expect(transport.calls.first?.text.hasPrefix("grant_type=client_credentials&client_id=client-1") == true)
    }

    @Test func `a refused login with a token that worked before is tried again with a new one`() throws {
        let provider = try Self.provider()
        let good = Self.transport(mail: .accepted(code: 250, text: "ok", queueID: "Q1"))
        let bad = Self.transport(mail: .rejected(stage: .login, code: 535, enhanced: "5.7.8", text: "expired"))
        // A token that never worked: the account is at fault.
        #expect(send(provider, Self.message, over: bad)?.kind == .auth)
        #expect(send(provider, Self.message, over: good)?.kind == .accepted)
        #expect(send(provider, Self.message, over: bad)?.kind == .transient)
        #expect(send(provider, Self.message, over: good)?.kind == .accepted)
        #expect(bad.calls.count == 1)
        #expect(good.calls.count == 2)
    }

    @Test func `no email is sent without a token, and the secrets are in no error`() throws {
        let transport = Self.transport(mail: .accepted(code: 250, text: "ok", queueID: "Q1"), status: 400)
        let outcome = try #require(send(try Self.provider(), Self.message, over: transport))
        #expect(outcome.kind == .auth)
        #expect(outcome.detail.contains("invalid_grant") && !outcome.detail.contains("s3cret"))
        #expect(transport.mails.isEmpty)
    }

    static let faults: [(settings: [String: String], secrets: [String: SecretReference], words: String)] = [
        (["oauth_token_url": "ftp://x"], [:], "oauth_token_url"),
        ([:], ["password": .environment("SECRET")], "remove the password"),
        (["security": "none", "host": "mail.example.com"], [:], "in the clear"),
    ]

    @Test(arguments: faults)
    func `a login that cannot work is refused at the start`(
        fault: (settings: [String: String], secrets: [String: SecretReference], words: String)
    ) {
        let error = #expect(throws: ProviderError.self) {
            try Self.provider(settings: fault.settings, secrets: fault.secrets)
        }
        #expect(error?.description.contains(fault.words) == true, "\(error?.description ?? "")")
    }
}
