import Files
import SobreDelivery
import SobreModel
import SobreProviders
import SobreSettings
import SobreStoreConformance
import Testing

@testable import SobreNode

@Suite("Credentials in descriptions") struct RedactionTests {
    private static let secrets = [
        "TWILIO_SID": "AC5f00000000000000000000000000feed", "TWILIO_TOKEN": "tok-hunter2-tok",
        "RELAY_PASSWORD": "p4ssw0rd-relay",
        "WEBHOOK_SECRET": "whsec_c2VjcmV0LXRoYXQtaXMtbG9uZw==", "API_TOKEN": "bearer-hunter3-xyz",
        "LINK_KEY": "link-key-0123456789abcdef",
    ]

    private static let settings = """
        paths: {providers: \(root)/Providers}
        links: {secret: env:LINK_KEY}
        providers:
          relay:
            type: smtp
            settings: {host: relay.example, username: mailer}
            secrets: {password: env:RELAY_PASSWORD}
          twilio:
            settings: {from: "+12025550100", callback_url: "https://sobre.example/v1/receipts/twilio"}
            secrets: {account_sid: env:TWILIO_SID, auth_token: env:TWILIO_TOKEN}
          hook:
            type: webhook
            channel: sms
            settings: {url: "https://hook.example/sms"}
            secrets: {token: env:API_TOKEN}
            receipts: {secret: env:WEBHOOK_SECRET}
        """

    private static let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()

    /// Everything that a value shows of itself: as text, as debug text, and member by member to the last.
    private func shown(_ value: some Any) -> String {
        var text = "\(value) \(String(reflecting: value))\n"
        dump(value, to: &text)
        return text
    }

    @Test func `are shown by no provider, gate, client, environment or key ring`() async throws {
        try await withTemporaryDirectory { directory in
            let environment = Environment(Self.secrets)
            var settings = try Settings.parse(
                Self.settings, file: "sobre.yaml", folder: directory, environment: Environment())
            settings.data.directory = directory
            let setup = try ProviderSetup(settings: settings, environment: environment)
            #expect(setup.members.map(\.provider.name).sorted() == ["hook", "relay", "twilio"], "\(setup.faults)")
            let gates = try settings.providers.map { try setup.factory.receiptGate($0) }
            let links = try LinkMaker(settings: settings, environment: environment)
            var text = shown(setup) + shown(environment) + shown(links) + shown(settings)
            for gate in gates { text += shown(gate) }
            #expect(text.contains("redacted"))
            for (name, secret) in Self.secrets {
                #expect(!text.contains(secret), "\(name) is shown")
                #expect(!text.contains(secret.dropFirst(6)), "\(name) is shown in part")
            }
        }
    }
}
