import SobreDelivery
import SobreModel
import SobreSettings
import Testing
import YAMLDocument

@testable import SobreProviders

@Suite("Configured providers")
struct InstanceTests {
    @Test func `instances are read from YAML in order`() throws {
        let yaml = """
            mail:
              type: smtp
              settings: {host: 127.0.0.1, port: 2525, security: none, from: shop@example.com}
              limits: {rate: 600/m, burst: 5, concurrency: 8, timeout: 10s}
            twilio:
              secrets: {account_sid: env:SID, auth_token: file:/run/t}
            hook: {type: webhook, channel: push, settings: {url: "https://h.example/"}}
            """
        let instances = try ProviderInstance.parseAll(YAMLDocument.parse(text: yaml, file: "p.yaml").root)
        #expect(instances.map(\.name) == ["mail", "twilio", "hook"])
        #expect(instances[0].limits == ProviderLimits(rate: 10, burst: 5, concurrency: 8, timeout: .seconds(10)))
        #expect(instances[1].type == "twilio")
        #expect(instances[1].secrets["auth_token"] == .file("/run/t"))
        let factory = try factory(environment: ["SID": "AC1"], files: ["/run/t": "x"])
        let products = try instances.map { try factory.make($0) }
        #expect(products.map(\.provider.channel) == [.email, .sms, .push])
        #expect(products.map(\.provider.name) == ["mail", "twilio", "hook"])
        #expect(products[1].limits.rate == 100)
    }

    @Test(arguments: [
        ("a: {type: smtp, setings: {}}", "did you mean \"settings\"?"),
        ("a: {secrets: {password: hunter2}}", "env:NAME or file:PATH"),
        ("a: {channel: fax}", "unknown value \"fax\""), ("a: {limits: {rate: 5}}", "calls a second, minute or hour"),
        ("\"a b\": {type: smtp}", "not a provider's name"), ("a: {limits: {rate: -1/s}}", "is not a rate"),
    ])
    func `an error in the configuration has a position`(yaml: String, words: String) throws {
        let error = #expect(throws: YAMLError.self) {
            try ProviderInstance.parseAll(YAMLDocument.parse(text: yaml, file: "p.yaml").root)
        }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("p.yaml:1:") == true)
        #expect(error?.description.contains("hunter2") == false)
    }

    static let refusals: [(ProviderInstance, String)] = [
        (
            ProviderInstance(
                name: "t", type: "twilio",
                secrets: ["account_sid": .environment("SID"), "auth_token": .environment("NOPE")]),
            "Provider t has no secret auth_token: the environment variable NOPE is not set or empty. Set NOPE and start again."
        ),
        (
            ProviderInstance(
                name: "t", type: "twilio", secrets: ["account_sid": .environment("SID"), "auth_token": .file("/nope")]),
            "the file /nope"
        ),
        (
            ProviderInstance(name: "t", type: "twilio", secrets: ["account_sid": .environment("SID")]),
            "lacks the secret auth_token"
        ),
        (ProviderInstance(name: "t", type: "twilo"), "Did you mean twilio?"),
        (ProviderInstance(name: "t", type: "twilio", channel: .push, secrets: [:]), "serves sms, not push"),
        (ProviderInstance(name: "w", type: "webhook", settings: ["url": "https://h.example"]), "add channel:"),
        (ProviderInstance(name: "w", type: "webhook", channel: .sms), "lacks the setting url"),
        (
            ProviderInstance(name: "w", type: "webhook", channel: .sms, settings: ["url": "http://h.example"]),
            "plain http is allowed only to this machine"
        ),
        (
            ProviderInstance(
                name: "w", type: "webhook", channel: .sms, settings: ["url": "http://127.0.0.1.evil.example/"]),
            "plain http"
        ),
        (
            ProviderInstance(name: "w", type: "webhook", channel: .sms, settings: ["url": "https://u:p@h.example"]),
            "credentials belong under secrets"
        ),
        (
            ProviderInstance(name: "w", type: "webhook", channel: .sms, settings: ["url": "ftp://h.example"]),
            "does not begin with https://"
        ),
        (
            ProviderInstance(
                name: "w", type: "webhook", channel: .sms, settings: ["url": "https://h.example", "token": "x"]),
            "belongs under secrets"
        ),
        (
            ProviderInstance(name: "w", type: "webhook", channel: .sms, settings: ["ulr": "https://h.example"]),
            "Did you mean url?"
        ),
        (
            ProviderInstance(
                name: "w", type: "webhook", channel: .sms, settings: ["url": "https://h.example"],
                secrets: ["signing_secret": .environment("SID")]), "whsec_"
        ),
        (ProviderInstance(name: "s", type: "smtp"), "lacks the setting host"),
        (
            ProviderInstance(name: "s", type: "smtp", settings: ["host": "h", "port": "0"]),
            "not a number from 1 to 65535"
        ),
        (
            ProviderInstance(name: "s", type: "smtp", settings: ["host": "h", "security": "ssl"]),
            "starttls, tls or none"
        ),
        (ProviderInstance(name: "s", type: "smtp", settings: ["host": "h\r\n"]), "neither a host's name"),
        (
            ProviderInstance(
                name: "s", type: "smtp", settings: ["host": "h", "security": "none", "username": "u"],
                secrets: ["password": .environment("SID")]), "in the clear"
        ),
        (ProviderInstance(name: "s", type: "smtp", settings: ["host": "h", "password": "u"]), "belongs under secrets"),
        (
            ProviderInstance(name: "f", type: "fcm", secrets: ["service_account": .environment("SID")]),
            "not a JSON object"
        ),
    ]

    @Test(arguments: refusals.indices)
    func `the error of a provider that cannot be set up says what to do`(index: Int) throws {
        let (instance, words) = Self.refusals[index]
        let factory = try factory(environment: ["SID": "AC1"])
        let error = #expect(throws: ProviderError.self) { try factory.make(instance) }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
        #expect(error?.instance == instance.name)
    }

    @Test func `a secret is never printed`() {
        let secret = Secret("hunter2")
        var dumped = ""
        dump(secret, to: &dumped)
        #expect("\(secret) \(String(reflecting: secret)) \([secret]) \(dumped)".contains("hunter2") == false)
        #expect(secret.reveal() == "hunter2")
    }
}
