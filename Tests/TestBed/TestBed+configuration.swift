import JSON
import Signing
public import SobreModel
import SobreSQLite
public import SobreStore

extension TestBed {
    /// The credentials that the configuration refers to, as environment variables for the server.
    public static let secrets = [
        "TEST_TWILIO_SID": "AC00000000000000000000000000000001", "TEST_TWILIO_TOKEN": "sandbox-token",
        "TEST_FCM_ACCOUNT": serviceAccount,
    ]

    /// A service account with a key that is generated for this run.
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

    /// Writes settings, policy and templates for a server that sends everything to the sandbox, which must be running.
    /// With `sink`, the port of another HTTP server, SMS and push go there.
    public func writeConfiguration(
        capLimit: Int, capWindow: String, resendAfter: String, sink: Int? = nil, dispatch: String? = nil
    ) throws {
        try writeSettings(resendAfter: resendAfter, sink: sink, dispatch: dispatch)
        try writePolicy(capLimit: capLimit, capWindow: capWindow)
        try writeTemplates()
    }

    /// Writes the configuration with another policy.
    ///
    /// - Parameters:
    ///   - policy: The rules after the default zone and the categories. No category requires consent.
    ///   - zone: The default time zone.
    ///   - relay: The port of the mail server. Nil uses the sandbox's.
    ///   - dispatch: Further settings of the section, such as `attempt_timeout: 1s`.
    /// - Throws: ``Failure`` when a file cannot be written.
    public func writeConfiguration(
        policy: String, zone: String = "UTC", relay: Int? = nil, dispatch: String? = nil
    ) throws {
        try writeSettings(resendAfter: "1s", sink: nil, relay: relay, dispatch: dispatch)
        try writePolicy(policy, zone: zone)
        try writeTemplates()
    }

    private func writeSettings(
        resendAfter: String, sink: Int?, relay: Int? = nil, dispatch: String? = nil
    ) throws {
        let http = "http://127.0.0.1:\(sink ?? sandboxPorts.http)"
        // A sink stands for a real provider, which gets no trace headers. Those are for sandboxes only.
        let trace = sink == nil ? "" : ", trace_headers: false"
        try Files.write(
            """
            data: {directory: data}
            paths: {templates: templates, providers: \(try Files.shipped("Providers")), policy: policy.yaml}
            server: {port: 0}
            dispatch: {resend_after: \(resendAfter)\(dispatch.map { ", \($0)" } ?? "")}
            retry: {give_up_after: 0s, min_attempts: 8, base: 50ms, cap: 2s}
            providers:
              relay:
                type: smtp
                settings: {host: 127.0.0.1, port: \(max(relay ?? sandboxPorts.smtp, 1)), security: none}
                limits: {rate: 1000000/s, burst: 100000}
              twilio:
                settings: {endpoint: "\(http)", from: "+12025550100"\(trace)}
                secrets: {account_sid: env:TEST_TWILIO_SID, auth_token: env:TEST_TWILIO_TOKEN}
                limits: {rate: 1000000/s, burst: 100000, concurrency: 8192}
              fcm:
                settings: {endpoint: "\(http)", token_url: "\(http)/token"}
                secrets: {service_account: env:TEST_FCM_ACCOUNT}
                limits: {rate: 1000000/s, burst: 100000, concurrency: 8192}
            """, to: "\(folder)/sobre.yaml")
    }

    /// Replaces texts of the written settings.
    ///
    /// - Parameter changes: what stands there exactly once, and what takes its place.
    /// - Throws: ``Failure`` when a text is not there once, or the file cannot be written.
    public func changeSettings(_ changes: [(old: String, new: String)]) throws {
        let path = "\(folder)/sobre.yaml"
        guard var text = Files.read(path) else { throw Failure("the configuration is not there") }
        for (old, new) in changes {
            let parts = text.split(separator: old, omittingEmptySubsequences: false)
            guard parts.count == 2 else { throw Failure("the configuration has no \(old)") }
            text = parts.joined(separator: new)
        }
        try Files.write(text, to: path)
    }

    private func writePolicy(capLimit: Int, capWindow: String) throws {
        try writePolicy(
            """
            caps:
              - name: marketing-cap
                applies_to: {category: [marketing]}
                limit: \(capLimit)
                window: \(capWindow)
                on_cap: drop
            """)
    }

    /// Writes a policy. A running server notices it within about a second.
    public func writePolicy(_ rules: String, zone: String = "UTC") throws {
        try Files.write(
            """
            default_timezone: \(zone)
            topics: [news]
            categories:
              marketing: {consent: none, fingerprint_window: 0s}
              transactional: {consent: none, unknown_outcome: resend_once}
            \(rules)
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

    /// Stores profiles with an address on every channel.
    public func putProfiles(count: Int, mailboxes: SharedMailboxes = .none) async throws {
        for start in stride(from: 0, to: count, by: 500) {
            try await putProfiles((start..<min(start + 500, count)).map { Self.profile($0, mailboxes: mailboxes) })
        }
    }

    static func profile(_ index: Int, mailboxes: SharedMailboxes = .none) -> String {
        let person = person(index)
        let mailbox = self.person(mailboxes.owner(of: index))
        let number = 1_000_000 + index
        return """
            {"id":"\(person)","timezone":"UTC","addresses":[{"channel":"email","address":"\(mailbox)@people.example"},\
            {"channel":"sms","address":"+1202\(number)"},{"channel":"push","address":"token-\(person)-\(number)"}],\
            "attributes":{"first_name":"P\(index)"}}
            """
    }

    /// The server's environment with the credentials and a shifted clock.
    ///
    /// - Throws: ``Failure`` when the library that shifts the clock was not built.
    public func secrets(at instant: Instant) throws -> [String: String] {
        guard let library = Files.clockShiftLibrary(near: executable) else {
            throw Failure("libClockShift.so was not built beside \(executable)")
        }
        let shift = instant.milliseconds - SystemTime().now().milliseconds
        return Self.secrets.merging(["LD_PRELOAD": library, "CLOCKSHIFT_MS": "\(shift)"]) { $1 }
    }

    /// The whole delivery log, in the order in which it was written.
    public func log() async throws -> [LogRow] {
        let store = try SQLiteStore.openReadOnly(directory: "\(folder)/data")
        var rows: [LogRow] = []
        try await LogStream.forEach(in: store) { rows.append($0) }
        await store.close()
        return rows
    }

    /// Stores profiles that are given as one JSON object each.
    public func putProfiles(_ profiles: [String]) async throws {
        let answer = await client.send(
            "POST", "\(serverURL)/v1/profiles", body: Array(profiles.joined(separator: "\n").utf8),
            type: "application/x-ndjson")
        guard let answer, answer.status < 300 else {
            throw Failure("profiles were not taken: \(answer?.status ?? 0) \(answer?.text ?? "no answer")")
        }
    }

    /// The number of deliveries in each state by the store's totals, read through a read-only connection.
    public func totals() async throws -> [DeliveryState: Int] {
        let store = try SQLiteStore.openReadOnly(directory: "\(folder)/data")
        let totals = try await store.totals()
        await store.close()
        return totals
    }

    /// Whether no delivery waits or is in flight.
    public func isQuiet() async throws -> Bool {
        try await totals().allSatisfy { $0.key.isFinal || $0.value == 0 }
    }

    /// Waits until no delivery waits or is in flight.
    public func waitUntilQuiet(atMost limit: Duration) async throws {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if try await isQuiet() { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw Failure("messages are still open after \(limit): \(try await totals())")
    }
}
