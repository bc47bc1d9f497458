import SobreSettings
import Testing

@Suite struct SecretFileTests {
    private func settings(_ text: String, _ variables: [String: String] = [:]) throws -> Settings {
        try Settings.parse(text, file: "sobre.yaml", folder: "/etc/sobre", environment: Environment(variables))
    }

    @Test func `a secret's file begins at the settings' folder, wherever the command is started`() throws {
        let settings = try settings(
            """
            links: {secret: file:keys/links, previous_secrets: [file:old.key, env:OLD]}
            providers:
              relay:
                type: smtp
                settings: {host: relay.example}
                secrets: {username: file:../user, password: file:/run/secrets/relay}
                receipts: {secret: file:receipts.key}
            """)
        #expect(settings.links.secret == .file("/etc/sobre/keys/links"))
        #expect(settings.links.previousSecrets == [.file("/etc/sobre/old.key"), .environment("OLD")])
        #expect(settings.providers[0].secrets["username"] == .file("/etc/user"))
        #expect(settings.providers[0].secrets["password"] == .file("/run/secrets/relay"))
        #expect(settings.providers[0].receiptSecret == .file("/etc/sobre/receipts.key"))
    }

    @Test func `a secret's file that the environment names begins where the command is started`() throws {
        let settings = try settings("", ["SOBRE_LINKS_SECRET": "file:links.key"])
        #expect(settings.links.secret != .file("/etc/sobre/links.key"))
    }
}
