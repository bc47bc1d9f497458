import JSON
import Signing
import SobreModel
import SobreSQLite
import SobreStore

extension TestBed {
    /// The credentials that the configuration names, for the server's environment.
    public static let secrets = [
        "TEST_TWILIO_SID": "AC00000000000000000000000000000001", "TEST_TWILIO_TOKEN": "sandbox-token",
        "TEST_FCM_ACCOUNT": serviceAccount,
    ]

    /// A service account with a key that is made for this run.
    private static let serviceAccount: String = {
        var json = JSONWriter()
        json.beginObject()
        json.member("client_email", "test@test.example")
        json.member("private_key_id", "test")
        json.member("private_key", (try? PrivateKey.generateRSA()) ?? "")
        json.member("project_id", "test")
        json.endObject()
        return String(decoding: json.bytes, as: UTF8.self)
    }()

    public static func person(_ index: Int) -> String { "person-\(index)" }

    /// Settings, policy and templates for a server that sends everything to the sandbox, which must be running; or SMS
    /// to `sink`, a port of another HTTP server.
    public func writeConfiguration(capLimit: Int, capWindow: String, resendAfter: String, sink: Int? = nil) throws {
        let http = "http://127.0.0.1:\(sink ?? sandboxPorts.http)"
        try Files.write(
            """
            data: {directory: data}
            paths: {templates: templates, providers: \(try Files.providersFolder()), policy: policy.yaml}
            server: {port: 0}
            dispatch: {resend_after: \(resendAfter)}
            retry: {max_attempts: 8, base: 50ms, cap: 2s}
            providers:
              relay:
                type: smtp
                settings: {host: 127.0.0.1, port: \(max(sandboxPorts.smtp, 1)), security: none}
                limits: {rate: 1000000/s, burst: 100000, concurrency: 8192}
              twilio:
                settings: {endpoint: "\(http)", from: "+12025550100"}
                secrets: {account_sid: env:TEST_TWILIO_SID, auth_token: env:TEST_TWILIO_TOKEN}
                limits: {rate: 1000000/s, burst: 100000, concurrency: 8192}
              fcm:
                settings: {endpoint: "\(http)", token_url: "\(http)/token"}
                secrets: {service_account: env:TEST_FCM_ACCOUNT}
                limits: {rate: 1000000/s, burst: 100000, concurrency: 8192}
            """, to: "\(folder)/sobre.yaml")
        try writePolicy(capLimit: capLimit, capWindow: capWindow)
        try writeTemplates()
    }

    private func writePolicy(capLimit: Int, capWindow: String) throws {
        try Files.write(
            """
            default_timezone: UTC
            categories:
              marketing: {consent: none, fingerprint_window: 0s}
              transactional: {consent: none, unknown_outcome: resend_once}
            caps:
              - name: marketing-cap
                applies_to: {category: [marketing]}
                limit: \(capLimit)
                window: \(capWindow)
                on_cap: drop
            """, to: "\(folder)/policy.yaml")
    }

    private func writeTemplates() throws {
        let channels = [
            "email.subject.liquid": "Order {{ order_id }}", "email.text.liquid": "About order {{ order_id }}.",
            "sms.liquid": "About order {{ order_id }}.",
            "push.liquid": "title: Order\n---\nAbout order {{ order_id }}.\n",
        ]
        for (name, category) in [("offer", "marketing"), ("receipt", "transactional")] {
            let template = "\(folder)/templates/\(name)"
            try Files.makeFolder(template)
            try Files.write(
                """
                name: \(name)
                category: \(category)
                channels: [email, sms, push]
                from: Shop <shop@shop.example>
                sms: {from: "+12025550100"}
                variables: {order_id: {type: string}}
                """, to: "\(template)/template.yaml")
            for (file, text) in channels { try Files.write(text, to: "\(template)/\(file)") }
        }
    }

    /// Gives people an address on every channel.
    public func putProfiles(count: Int) async throws {
        for start in stride(from: 0, to: count, by: 500) {
            var json = JSONWriter()
            for index in start..<min(start + 500, count) {
                json.raw(Array(Self.profile(index).utf8))
                json.newline()
            }
            let answer = await client.send(
                "POST", "\(serverURL)/v1/profiles", body: json.bytes, type: "application/x-ndjson")
            guard let answer, answer.status < 300 else {
                throw Failure("profiles were not taken: \(answer?.status ?? 0) \(answer?.text ?? "no answer")")
            }
        }
    }

    static func profile(_ index: Int) -> String {
        let person = person(index)
        let number = 1_000_000 + index
        return """
            {"id":"\(person)","timezone":"UTC","addresses":[{"channel":"email","address":"\(person)@people.example"},\
            {"channel":"sms","address":"+1202\(number)"},{"channel":"push","address":"token-\(person)-\(number)"}],\
            "attributes":{"first_name":"P\(index)"}}
            """
    }

    /// Waits until nothing waits and nothing is in flight, by the store's own totals, read from outside.
    public func waitUntilQuiet(atMost limit: Duration) async throws {
        let deadline = ContinuousClock.now + limit
        var totals: [DeliveryState: Int] = [:]
        while ContinuousClock.now < deadline {
            let store = try SQLiteStore.openReadOnly(directory: "\(folder)/data")
            totals = try await store.totals()
            await store.close()
            if totals.allSatisfy({ $0.key.isFinal || $0.value == 0 }) { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw Failure("messages are still open after \(limit): \(totals)")
    }
}
