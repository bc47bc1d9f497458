import Testing

@testable import SobreSettings

@Suite("Sources of messages in the settings") struct IntakeSourceTests {
    private static func parse(_ source: String) throws -> Settings {
        try Settings.parse(
            "intake:\n  sources:\n    orders: \(source)\n", file: "test.yaml", folder: "/etc/sobre",
            environment: Environment())
    }

    @Test func `everything that it says is read`() throws {
        let settings = try Self.parse(
            """
            {type: kafka, brokers: ["a:9093", "b:9093"], topics: messages, group: g, tls: true, ca: ca.pem,
             mechanism: SCRAM-SHA-512, username: env:USER, password: file:password, batch: 7, linger: 5ms}
            """)
        let source = try #require(settings.sources.first)
        #expect(source.name == "orders" && source.brokers == ["a:9093", "b:9093"] && source.topics == ["messages"])
        #expect(source.group == "g" && source.usesTLS && source.authorities == "/etc/sobre/ca.pem")
        #expect(source.mechanism == .scramSHA512 && source.username == .environment("USER"))
        #expect(source.password == .file("/etc/sobre/password"))
        #expect(source.limits.batch == 7 && source.limits.linger == .milliseconds(5))
        #expect(source.limits.maxWaiting == SourceLimits().maxWaiting)
    }

    @Test(arguments: [
        ("{topics: a}", "needs brokers and topics"), ("{brokers: \"a:1\"}", "needs brokers and topics"),
        ("{brokers: \"a:1\", topics: ^a}", "a pattern"), ("{brokers: \"a:1\", topics: a, type: kafkka}", "kafkka"),
        ("{brokers: \"a:1\", topics: a, username: env:A}", "one of username and password"),
        ("{brokers: \"a:1\", topics: a, username: env:A, password: hunter22}", "not a reference"),
        ("{brokers: \"a:1\", topics: a, ca: x}", "no tls"), ("{brokers: \"a:1\", topics: a, batch: 0}", "batch"),
        ("{brokers: \"a:1\", topics: a, tls: true, key: x}", "one of certificate and key"),
    ])
    func `a mistake is named, and no credential is shown`(text: String, words: String) {
        let error = #expect(throws: SettingsError.self) { try Self.parse(text) }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("hunter22") != true)
    }

    @Test func `a change of them waits for a restart`() throws {
        let old = try Self.parse("{brokers: \"a:1\", topics: a}")
        #expect(old.changes(to: try Self.parse("{brokers: \"b:1\", topics: a}")).restart == ["intake.sources"])
    }
}
