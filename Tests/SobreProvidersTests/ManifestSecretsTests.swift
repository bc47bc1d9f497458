import SobreDelivery
import SobreModel
import SobreSettings
import Testing

@testable import SobreProviders

/// Providers repeat a request's headers in their errors. What is kept of an error contains no credential in any form.
@Suite("Secrets in providers' answers")
struct ManifestSecretsTests {
    /// The detail of an outcome whose answer contains all headers of the request.
    private static func detail(_ auth: String, isTokenRefused: Bool = false) throws -> String {
        let manifest = try Manifest.parseAll(
            text: """
                manifest: 1
                name: t
                channel: sms
                settings: {user: {secret: true}, password: {secret: true}}
                endpoint: https://api.example
                auth: \(auth)
                request: {body: {a: "${msg.text}"}}
                response: {detail: text, rules: [{when: {status: 200}, outcome: accepted, id: none}]}
                """, file: "t.yaml")[0]
        let provider = try ProviderFactory(
            manifests: [manifest], secrets: SecretSource(environment: { "s3cret-of-\($0)" }, file: { _ in nil }),
            time: VirtualTime(.epoch)
        ).make(
            ProviderInstance(
                name: "i", type: "t",
                secrets: ["user": .environment("user"), "password": .environment("password")])
        ).provider
        let transport = FakeTransport { call in
            if call.url.hasSuffix("/token"), !isTokenRefused {
                return .json(200, #"{"access_token":"acc3ss-token","expires_in":3600}"#)
            }
            let words = call.headers.map { "\($0.name): \($0.value)" }.joined(separator: " ")
            return .json(400, call.url.hasSuffix("/token") ? #"{"error":"\#(words) \#(call.text)"}"# : words)
        }
        return try #require(send(provider, outbound(.sms(SMSContent(text: "x")), to: "+1"), over: transport)).detail
    }

    private static let kinds = [
        #"{type: basic, user: "${secret.user}", password: "${secret.password}"}"#,
        #"{type: bearer, token: "${secret.password}"}"#,
        #"{type: bearer, scheme: Key, token: "${secret.user}${secret.password}"}"#,
        #"{type: header, name: X-Key, value: "${secret.password}"}"#,
        #"{type: oauth2_client_credentials, token_url: "https://api.example/token", client_id: "${secret.user}", client_secret: "${secret.password}"}"#,
        #"{type: oauth2_client_credentials, credentials: body, token_url: "https://api.example/token", client_id: "${secret.user}", client_secret: "${secret.password}"}"#,
    ]

    /// `s3cret-of-user:s3cret-of-password` in Base64.
    private static let code = "czNjcmV0LW9mLXVzZXI6czNjcmV0LW9mLXBhc3N3b3Jk"

    @Test(arguments: kinds, [false, true])
    func `an answer that repeats the credential is kept without it`(auth: String, isTokenRefused: Bool) throws {
        let detail = try Self.detail(auth, isTokenRefused: isTokenRefused)
        #expect(detail.contains("…") || isTokenRefused, "\(detail)")
        for form in ["s3cret-of", Self.code, "acc3ss-token"] { #expect(!detail.contains(form), "\(detail)") }
    }
}
