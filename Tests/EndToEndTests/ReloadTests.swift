import ChildProcess
import Glibc
import JSON
import SobreModel
import SobreSandbox
import SobreStore
import TestBed
import Testing

/// Settings, providers, templates and the policy are read again without a restart: all of them or none.
@Suite("Changes without a restart", .serialized)
struct ReloadTests {
    private static let oldNumber = "+12025550100"
    private static let newNumber = "+12025550199"

    private func bench(_ name: String, faults: String? = nil, limits: String? = nil) throws -> CaseBench {
        let bench = try CaseBench(
            name,
            policy: """
                caps:
                  - {name: three, applies_to: {category: marketing}, limit: 3, window: 1d, on_cap: drop}
                """, faults: faults)
        // The sender is the provider's.
        let template = "\(bench.bed.folder)/templates/receipt/template.yaml"
        try Files.write(
            try #require(Files.read(template)).replacing("sms: {from: \"\(Self.oldNumber)\"}\n", with: ""), to: template
        )
        if let limits {
            try bench.bed.changeSettings([
                (
                    "TEST_TWILIO_TOKEN}\n    limits: {rate: 1000000/s, burst: 100000, concurrency: 8192}",
                    "TEST_TWILIO_TOKEN}\n    limits: \(limits)"
                )
            ])
        }
        return bench
    }

    private func sobre(_ bed: TestBed, _ arguments: String...) throws -> (code: Int32, output: String) {
        try bed.run(arguments + ["--config", "\(bed.folder)/sobre.yaml"], environment: TestBed.secrets)
    }

    private func json(_ bed: TestBed, _ path: String) async throws -> JSONRef {
        let answer = try #require(await bed.client.send("GET", "\(bed.serverURL)\(path)"))
        return try answer.json()
    }

    private func reload(_ bed: TestBed) throws -> JSONRef {
        let (code, output) = try sobre(bed, "reload", "--format", "json")
        try #require(code == 0, "\(output)")
        return try JSONDocument.parse(output.split(separator: "\n").last.map(String.init) ?? "").root
    }

    private func names(_ ref: JSONRef?) -> [String] { ref?.elements.compactMap(\.string) ?? [] }

    private func wait(_ what: String, _ bed: TestBed, until holds: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            if try await holds() { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw TestBed.Failure("\(what) did not happen: \((Files.read("\(bed.folder)/server.err") ?? "").suffix(1500))")
    }

    private func texts(_ range: Range<Int>) -> [TestMessage] {
        range.map {
            TestMessage(
                key: "t-\($0)", recipient: TestBed.person($0), template: "receipt", category: "transactional",
                channels: ["sms"], dedupKey: "t-\($0)")
        }
    }

    /// The sender of each message, by the order of arrival.
    private func senders(_ bench: CaseBench) throws -> [String] {
        let accepted = try bench.accepted()
        #expect(Set(accepted.map(\.reference)).count == accepted.count, "a message came twice")
        return accepted.map(\.from)
    }

    @Test("New settings of a provider take effect under load, and calls in flight end with the old ones")
    func provider() async throws {
        let bench = try bench(
            "reload-provider", faults: "latency=300ms..400ms", limits: "{rate: 60/s, burst: 5, concurrency: 32}")
        let bed = bench.bed
        try bench.start()
        try await bed.putProfiles(count: 200)
        try await bench.send(texts(0..<200))
        try await wait("the first messages", bed) { try bench.accepted().count >= 20 }
        try bed.changeSettings([(Self.oldNumber, Self.newNumber)])
        let report = try reload(bed)
        #expect(report["status"]?.string == "applied")
        #expect(names(report["changed"]) == ["providers.twilio"])
        #expect(names(report["needs_restart"]).isEmpty)
        let reloadedAt = SystemTime().now().milliseconds
        try await bench.settle()
        let all = try senders(bench)
        #expect(all.count == 200)
        let old = all.count { $0 == Self.oldNumber }
        #expect(old >= 20 && old < 150, "\(old) with the old sender")
        // What was admitted ahead may still begin within dispatch.guard_time.
        let late = try bench.accepted().filter { $0.from == Self.oldNumber && $0.at > reloadedAt + 2_500 }
        #expect(late.isEmpty, "\(late.count) began long after the reload with the old sender")
        #expect(try await bed.totals()[.unknown] ?? 0 == 0)
        #expect(
            try await json(bed, "/v1/status")["providers"]?.elements.allSatisfy { $0["in_flight"]?.int == 0 } == true)
        bed.stopServer()
    }

    @Test("Rates, routes and caps change for the next messages, and a removed provider gets none")
    func rates() async throws {
        let bench = try bench("reload-rates", limits: "{rate: 2/s, burst: 1}")
        let bed = bench.bed
        try bench.start()
        try await bed.putProfiles(count: 60)
        try await bench.send(texts(0..<60))
        try await wait("the first message", bed) { try bench.accepted().count >= 1 }
        #expect(try bench.accepted().count <= 8, "the rate of 2/s does not hold")
        try bed.changeSettings([
            ("rate: 2/s, burst: 1}", "rate: 1000/s, burst: 10}"),
            (
                "providers:\n",
                """
                routes: {sms: [backup]}
                providers:
                  backup:
                    type: twilio
                    settings: {endpoint: "\(bed.sandboxURL)", from: "\(Self.newNumber)"}
                    secrets: {account_sid: env:TEST_TWILIO_SID, auth_token: env:TEST_TWILIO_TOKEN}

                """
            ),
        ])
        try Files.write(
            try #require(Files.read("\(bed.folder)/policy.yaml")).replacing("limit: 3", with: "limit: 2"),
            to: "\(bed.folder)/policy.yaml")
        let report = try reload(bed)
        #expect(names(report["changed"]) == ["providers.backup", "providers.twilio", "routes.sms", "policy"])
        #expect(report["policy_version"]?.int == 2)
        // At the old rate it would take half a minute.
        try await bench.settle(atMost: .seconds(15))
        let all = try senders(bench)
        #expect(all.count == 60 && all.count { $0 == Self.newNumber } > 40, "\(all)")
        try await bench.send((0..<5).map { CaseBench.offer("o-\($0)", to: 1) })
        try await bench.settle()
        #expect(try bench.accepted().count { $0.category == "marketing" } == 2)

        // Without any route and without the old provider.
        let text = try #require(Files.read("\(bed.folder)/sobre.yaml"))
        let start = try #require(text.ranges(of: "  twilio:").first?.lowerBound)
        let end = try #require(text.ranges(of: "  fcm:").first?.lowerBound)
        try Files.write(
            String(text[..<start] + text[end...]).replacing("routes: {sms: [backup]}\n", with: ""),
            to: "\(bed.folder)/sobre.yaml")
        #expect(names(try reload(bed)["changed"]) == ["providers.twilio", "routes.sms"])
        let providers = try await json(bed, "/v1/status")["providers"]?.elements.compactMap { $0["name"]?.string }
        #expect(providers == ["backup", "fcm", "relay"])
        let metrics = try #require(await bed.client.send("GET", "\(bed.serverURL)/metrics")).text
        #expect(!metrics.contains("sobre_provider_state{provider=\"twilio\",channel=\"sms\",state=\"open\"} 1"))
        bed.stopServer()
    }

    @Test("An invalid file changes nothing, is shown everywhere until it is fixed, and is in the audit trail")
    func refused() async throws {
        let bench = try bench("reload-refused")
        let bed = bench.bed
        // The watch of the policy and the templates would put them in force by itself.
        try bed.startServer(environment: TestBed.secrets.merging(["SOBRE_MONITOR_RELOAD_INTERVAL": "1h"]) { $1 })
        let settings = try #require(Files.read("\(bed.folder)/sobre.yaml"))
        let policy = try #require(Files.read("\(bed.folder)/policy.yaml"))
        let valid = settings.replacing(Self.oldNumber, with: Self.newNumber)
        let cases: [(name: String, settings: String, policy: String, word: String)] = [
            ("a key", valid + "\nhealth: {failuers: 3}\n", policy.replacing("limit: 3", with: "limit: 2"), "failuers"),
            ("a value", valid + "\nhealth: {failures: many}\n", policy, "health.failures"),
            ("no YAML", valid + "\n  x: [\n", policy, "sobre.yaml"),
            ("a route", "routes: {sms: [nobody]}\n" + valid, policy, "nobody"),
            ("a type", valid.replacing("  twilio:\n", with: "  twilio:\n    type: twillio\n"), policy, "twillio"),
            ("a secret", valid.replacing("env:TEST_TWILIO_TOKEN", with: "env:TEST_NO_TOKEN"), policy, "TEST_NO_TOKEN"),
            ("a weak key", valid + "\nlinks: {secret: file:weak.key}\n", policy, "at least 16"),
            ("no templates", valid.replacing("templates: templates", with: "templates: nowhere"), policy, "nowhere"),
            ("the policy", valid, policy.replacing("limit: 3", with: "limit: some"), "policy.yaml"),
            ("a loose policy", valid, policy.replacing("limit: 3", with: "limit: 3000"), "times as much"),
            (
                "the folder", valid.replacing(", policy: policy.yaml", with: "-none, policy: policy.yaml"), policy,
                "-none"
            ),
        ]
        try Files.write("12345\n", to: "\(bed.folder)/weak.key")
        for (name, text, rules, word) in cases {
            try Files.write(text, to: "\(bed.folder)/sobre.yaml")
            try Files.write(rules, to: "\(bed.folder)/policy.yaml")
            let (code, output) = try sobre(bed, "reload")
            #expect(code == 1, "\(name): \(output)")
            #expect(output.contains("Nothing was changed.") && output.contains(word), "\(name): \(output)")
            let status = try await json(bed, "/v1/status")
            #expect(status["policy_version"]?.int == 1, "\(name)")
            #expect(
                status["refused_files"]?.elements.contains { $0["why"]?.string?.contains(word) == true } == true,
                "\(name): \(names(status["warnings"]))")
            let ready = try await json(bed, "/health/ready")
            #expect(names(ready["about"]) == ["files"] && ready["warnings"]?.int ?? 0 > 0, "\(name)")
            let told = try sobre(bed, "status")
            #expect(told.code == 1 && told.output.contains("WARNING"), "\(name): \(told)")
            try await Task.sleep(for: .milliseconds(1_050))
        }
        try await wait("the metric", bed) {
            await bed.client.send("GET", "\(bed.serverURL)/metrics")?.text.contains("sobre_files_refused 1\n") == true
        }
        let trail = try await json(bed, "/v1/audit?action=reload")["entries"]?.elements.map { $0 } ?? []
        #expect(trail.count == cases.count)
        #expect(trail.allSatisfy { $0["detail"]?.string?.hasPrefix("refused: ") == true })
        #expect(trail.allSatisfy { $0["by"]?.string?.hasPrefix("command:") == true })

        try Files.write(valid, to: "\(bed.folder)/sobre.yaml")
        try Files.write(policy.replacing("limit: 3", with: "limit: 2"), to: "\(bed.folder)/policy.yaml")
        #expect(names(try reload(bed)["changed"]) == ["providers.twilio", "policy"])
        let status = try await json(bed, "/v1/status")
        #expect(
            names(status["warnings"]).isEmpty && status["refused_files"]?.count == 0, "\(names(status["warnings"]))")
        #expect(status["policy_version"]?.int == 2)
        try await Task.sleep(for: .milliseconds(1_050))
        #expect(try await json(bed, "/health/ready")["warnings"]?.int == 0)
        let entry = try await json(bed, "/v1/audit?action=reload&limit=1")["entries"]?[0]
        #expect(entry?["detail"]?.string == "changed: providers.twilio, policy")
        #expect(try reload(bed)["status"]?.string == "unchanged")
        bed.stopServer()
    }

    @Test("A changed file that was not reloaded is told, and settings that need a restart are named until it comes")
    func pending() async throws {
        let bench = try bench("reload-pending")
        let bed = bench.bed
        try bench.start()
        try bed.changeSettings([
            ("dispatch: {", "health: {failures: 7}\ndispatch: {workers: 3, "),
            ("retry: {", "monitor: {interval: 2s}\nretry: {"),
        ])
        try await wait("the change", bed) {
            try await names(json(bed, "/v1/status")["warnings"]).contains {
                $0.contains("sobre reload puts it in force")
            }
        }
        let report = try reload(bed)
        #expect(names(report["changed"]) == ["health.failures", "monitor.interval"])
        #expect(names(report["needs_restart"]) == ["dispatch.workers"])
        let status = try await json(bed, "/v1/status")
        #expect(names(status["pending_restart"]) == ["dispatch.workers"])
        #expect(names(status["warnings"]).count == 1 && status["refused_files"]?.count == 0)
        #expect(names(try await json(bed, "/health/ready")["about"]) == ["restart"])
        let shown = try sobre(bed, "reload")
        #expect(shown.code == 0 && shown.output == "Needs a restart of sobre serve: dispatch.workers.\n", "\(shown)")
        #expect(bed.stopServer() == .exited(code: 0))
        try bench.start()
        #expect(names(try await json(bed, "/v1/status")["warnings"]).isEmpty)
        bed.stopServer()
        let none = try sobre(bed, "reload")
        #expect(none.code == 69 && none.output.contains("No server is running"), "\(none)")
    }

    @Test("The level of the log and the end of retries change while it runs")
    func liveLimits() async throws {
        let bench = try bench("reload-limits", faults: "rcpt4xx=100%")
        let bed = bench.bed
        try bed.changeSettings([
            ("min_attempts: 8", "min_attempts: 1000"), ("retry: {", "log: {level: warning}\nretry: {"),
        ])
        try bench.start()
        try await bed.putProfiles(count: 5)
        try await bench.send((0..<5).map { CaseBench.offer("o-\($0)", to: $0) })
        try await wait("several attempts", bed) { try await bed.log().count { $0.entry.state == .deferred } >= 20 }
        #expect(try await bed.totals()[.failed] ?? 0 == 0)
        #expect(!(Files.read("\(bed.folder)/server.err") ?? "").contains(" notice "))
        try bed.changeSettings([("min_attempts: 1000", "min_attempts: 2"), ("level: warning", "level: notice")])
        #expect(names(try reload(bed)["changed"]) == ["log.level", "retry.min_attempts"])
        try await wait("the end of the tries", bed) { try await bed.totals()[.failed] == 5 }
        bed.server?.signal(SIGHUP)
        try await wait("a line of the new level", bed) {
            (Files.read("\(bed.folder)/server.err") ?? "").contains(" notice SIGHUP")
        }
        bed.stopServer()
    }

    @Test("SIGHUP reloads like the command: a credential that was missing, and one that was replaced")
    func credentials() async throws {
        let bench = try bench("reload-secret")
        let bed = bench.bed
        try bed.changeSettings([("env:TEST_TWILIO_TOKEN", "file:token")])
        try bench.start()
        try await bed.putProfiles(count: 2)
        try await bench.send(texts(0..<1))
        let told = names(try await json(bed, "/v1/status")["warnings"])
        #expect(told.contains { $0.hasPrefix("twilio cannot send:") && $0.contains("sobre reload") }, "\(told)")
        #expect(names(try await json(bed, "/health/ready")["about"]).contains("providers"))
        try await wait("the metric", bed) {
            await bed.client.send("GET", "\(bed.serverURL)/metrics")?.text.contains("sobre_provider_faults 1\n") == true
        }
        #expect(try bench.accepted().isEmpty)
        try Files.write("sandbox-token\n", to: "\(bed.folder)/token")
        bed.server?.signal(SIGHUP)
        try await wait("the reload", bed) {
            try await !names(json(bed, "/v1/status")["warnings"]).contains { $0.contains("cannot send") }
        }
        let entry = try await json(bed, "/v1/audit?action=reload")["entries"]?[0]
        #expect(entry?["by"]?.string == "signal:SIGHUP")
        #expect(entry?["detail"]?.string == "changed: providers.twilio")
        try await bench.send(texts(1..<2))
        try await wait("the message", bed) { try bench.accepted().count >= 1 }

        // A credential that is gone refuses the reload, and the provider goes on.
        Files.remove("\(bed.folder)/token")
        #expect(try sobre(bed, "reload").code == 1)
        try Files.write("another-token\n", to: "\(bed.folder)/token")
        #expect(names(try reload(bed)["changed"]) == ["providers.twilio"])
        #expect(!(Files.read("\(bed.folder)/server.err") ?? "").contains("another-token"))
        bed.stopServer()
    }
}
