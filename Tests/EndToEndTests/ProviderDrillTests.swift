import Foundation
import JSON
import SobreModel
import SobreSandbox
import Synchronization
import TestBed
import Testing

/// A provider, the policy and a template go bad under load and are repaired. Two sandboxes stand for two providers of
/// text messages; their records say what went out, through whom, and when.
@Suite("Faults and repairs under load", .serialized)
struct ProviderDrillTests {
    /// Messages per second: `SOBRE_DRILL_RATE=2000`.
    private static let rate = ProcessInfo.processInfo.environment["SOBRE_DRILL_RATE"].flatMap { Int($0) } ?? 200
    private static let people = max(200, rate)
    private static let cap = 5

    /// Sends messages at an even pace until it is stopped.
    private final class Load: Sendable {
        private struct State {
            var count = 0
            var isStopped = false
        }

        private let state = Mutex(State())
        private static let batchesPerSecond = 10

        var count: Int { state.withLock { $0.count } }
        func stop() { state.withLock { $0.isStopped = true } }

        /// Of four messages, two are texts, one is a mail and one a push. Every other one is under the cap.
        func run(_ bench: CaseBench) async throws {
            let begun = ContinuousClock.now
            var batches = 0
            while state.withLock({ !$0.isStopped }) {
                let size = rate / Self.batchesPerSecond
                let first = count
                try await bench.send((first..<(first + size)).map { Self.message($0) })
                state.withLock { $0.count += size }
                batches += 1
                try await Task.sleep(
                    until: begun + .milliseconds(1_000 / Self.batchesPerSecond) * batches, clock: .continuous)
            }
        }

        private static func message(_ number: Int) -> TestMessage {
            let isCapped = number / 4 % 2 == 1
            var message = TestMessage(
                key: "m-\(number)", recipient: TestBed.person(number / 8 % people),
                template: isCapped ? "offer" : "receipt", category: isCapped ? "marketing" : "transactional",
                channels: [["sms", "email", "sms", "push"][number % 4]], dedupKey: "m-\(number)")
            message.campaign = isCapped ? "spring" : "orders"
            return message
        }
    }

    private let bench: CaseBench
    /// The sandbox of the provider `backup`.
    private let other: TestBed
    private var bed: TestBed { bench.bed }

    init() throws {
        bench = try CaseBench(
            "provider-drill",
            policy: """
                caps:
                  - {name: five, applies_to: {category: [marketing]}, limit: \(Self.cap), window: 1d, on_cap: drop}
                """)
        other = try TestBed.built("provider-drill-backup")
        try other.startSandbox()
        try bench.bed.changeSettings([
            (
                "providers:\n",
                """
                routes: {sms: {twilio: 50, backup: 50}}
                health: {shift_interval: 250ms, shift_calls: 10, shift_back: 25, broken_for: 200ms, broken_max: 500ms}
                rendering: {retry_after: 1s}
                monitor: {interval: 200ms, backlog_interval: 500ms, unknown_growth: 3}
                providers:
                  backup:
                    type: twilio
                    settings: {endpoint: "\(other.sandboxURL)", from: "+12025550101"}
                    secrets: {account_sid: env:TEST_TWILIO_SID, auth_token: env:TEST_TWILIO_TOKEN}
                    limits: {rate: 1000000/s, burst: 100000, concurrency: 64}

                """
            )
        ])
    }

    /// The texts that a sandbox has accepted, and those that it was asked to accept.
    private func texts(_ bed: TestBed) async throws -> (accepted: Int, received: Int) {
        let counts = try await stats(bed)["channels"]?["sms"]
        return (counts?["accepted"]?.int ?? 0, counts?["received"]?.int ?? 0)
    }

    private func stats(_ bed: TestBed) async throws -> JSONRef {
        let answer = try #require(await bed.client.send("GET", "\(bed.sandboxURL)/_sandbox/stats"))
        return try answer.json()
    }

    private func accepted() async throws -> Int {
        try await stats(bed)["channels"]?.members.reduce(0) { $0 + ($1.value["accepted"]?.int ?? 0) } ?? 0
    }

    private func setFaults(_ plan: String) async {
        _ = await other.client.send(
            "POST", "\(other.sandboxURL)/_sandbox/faults", body: Array(plan.utf8), type: "application/json")
    }

    private func json(_ path: String) async throws -> JSONRef {
        let answer = try #require(await bed.client.send("GET", "\(bed.serverURL)\(path)"))
        return try answer.json()
    }

    private func warnings() async throws -> [String] {
        try await json("/v1/status")["warnings"]?.elements.compactMap(\.string) ?? []
    }

    private func share() async throws -> Int {
        try await json("/v1/status")["providers"]?.elements.first { $0["name"]?.string == "backup" }?["share"]?.int
            ?? -1
    }

    private func hasMetric(_ line: String) async -> Bool {
        await bed.client.send("GET", "\(bed.serverURL)/metrics")?.text.contains(line + "\n") == true
    }

    private func wait(_ what: String, until holds: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if try await holds() { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw TestBed.Failure("\(what) did not happen: \(try await warnings())")
    }

    private func sobre(_ arguments: String...) throws -> (code: Int32, output: String) {
        try bed.run(arguments + ["--config", "\(bed.folder)/sobre.yaml"], environment: TestBed.secrets)
    }

    @Test(
        "A provider, the policy and a template go bad: traffic shifts, each is told, nothing else changes, and it ends when repaired"
    )
    func drill() async throws {
        try bench.start()
        try await bed.putProfiles(count: Self.people)
        let load = Load()
        let begunAt = SystemTime().now().milliseconds
        async let sending: Void = load.run(bench)
        do {
            try await wait("texts by both providers") {
                let (one, two) = (try await texts(bed).accepted, try await texts(other).accepted)
                return min(one, two) > Self.rate / 8
            }
            try await provider()
            try await policyAndTemplate()
        } catch {
            load.stop()
            try await sending
            throw error
        }
        load.stop()
        try await sending
        let endedAt = SystemTime().now().milliseconds
        try await bench.settle(atMost: .seconds(120))
        // What the provider may have taken when it answered 500 is left to the operator, who knows that it has not.
        let retried = try sobre(
            "retry", "--campaign", "orders", "--state", "unknown", "--repeat-unknown", "--note", "backup is repaired")
        #expect(retried.code == 0, "\(retried.output)")
        try await bench.settle(atMost: .seconds(60))
        try await judge(load.count, begunAt: begunAt, endedAt: endedAt)
        bed.stopServer()
    }

    /// One of two providers answers 503, and works again.
    private func provider() async throws {
        await setFaults(#"{"twilio.5xx": 1}"#)
        try await wait("the shift") { try await share() <= 10 }
        #expect(
            try await warnings().contains {
                $0.hasPrefix("backup ") && ($0.contains("traffic") || $0.contains("broken"))
            })
        #expect(try await json("/health/ready")["about"]?.elements.contains { $0.string == "providers" } == true)
        let told = try sobre("status")
        #expect(told.code == 1 && told.output.contains("backup"), "\(told.output)")
        // While it is bad, nothing of it is accepted, and the other one takes the texts.
        let before = (try await texts(bed), try await texts(other))
        try await Task.sleep(for: .seconds(2))
        let after = (try await texts(bed), try await texts(other))
        let shifted = after.0.accepted - before.0.accepted
        #expect(after.1.accepted == before.1.accepted)
        #expect(shifted > Self.rate / 2, "\(shifted) texts by the other provider in two seconds")
        let probes = after.1.received - before.1.received
        #expect(probes * 4 < shifted, "\(probes) calls to the provider that does not work, \(shifted) to the other")

        try await wait("the warning of unknown outcomes") {
            try await warnings().contains {
                $0.contains("unknown outcome") && $0.contains("sobre logs --state unknown")
            }
        }

        await setFaults("{}")
        try await wait("the recovery") { try await share() == 100 }
        try await wait("the end of the warning") { try await !warnings().contains { $0.hasPrefix("backup ") } }
        let recovered = try await texts(other).accepted
        try await wait("texts by the repaired provider") { try await texts(other).accepted > recovered + Self.rate / 8 }
    }

    /// A policy and a template with a mistake are saved, and repaired.
    private func policyAndTemplate() async throws {
        let policyFile = "\(bed.folder)/policy.yaml"
        let templateFile = "\(bed.folder)/templates/offer/push.liquid"
        let policy = try #require(Files.read(policyFile))
        let template = try #require(Files.read(templateFile))
        try Files.write(policy.replacing("limit: \(Self.cap)", with: "limit: many"), to: policyFile)
        try Files.write("title: {% if %}", to: templateFile)
        try await wait("both warnings") {
            let warnings = try await warnings()
            return warnings.contains { $0.contains("policy.yaml") && $0.contains("sobre policy check") }
                && warnings.contains { $0.hasPrefix("The template offer is broken") }
        }
        try await wait("what is about") {
            let about = try await json("/health/ready")["about"]?.elements.compactMap(\.string) ?? []
            return about.contains("files") && about.contains("templates")
        }
        try await wait("both metrics") {
            let (files, templates) = (
                await hasMetric("sobre_files_refused 1"), await hasMetric("sobre_templates_broken 1")
            )
            return files && templates
        }
        let refused = try sobre("reload")
        #expect(refused.code == 1 && refused.output.contains("Nothing was changed."), "\(refused.output)")
        let status = try await json("/v1/status")
        #expect(status["policy_version"]?.int == 1)
        #expect(status["broken_templates"]?.elements.compactMap(\.string) == ["offer"])
        // Everything else goes on.
        let count = try await accepted()
        try await wait("further messages") { try await accepted() > count + Self.rate }
        let arrived = try bench.accepted().suffix(Self.rate / 2)
        #expect(arrived.allSatisfy { $0.category == "transactional" }, "a broken template was sent")

        try Files.write(policy, to: policyFile)
        try Files.write(template, to: templateFile)
        try await wait("the end of both warnings") {
            try await !warnings().contains { $0.contains("policy.yaml") || $0.hasPrefix("The template offer") }
        }
        try await wait("the end of both metrics") {
            let (files, templates) = (
                await hasMetric("sobre_files_refused 0"), await hasMetric("sobre_templates_broken 0")
            )
            return files && templates
        }
        #expect(try await json("/v1/status")["policy_version"]?.int == 1)
    }

    /// By the sandboxes: everything that was taken went out once, or was one too many under the cap. A capped message that
    /// a provider may have taken keeps its place under the cap and is not sent again.
    private func judge(_ count: Int, begunAt: Int64, endedAt: Int64) async throws {
        let received = try bench.accepted() + ReceivedMessages.load(other.recordFile).accepted
        let references = Dictionary(grouping: received, by: \.reference)
        #expect(references[nil] == nil && references.values.allSatisfy { $0.count == 1 }, "a message came twice")
        #expect(received.count { $0.category == "transactional" } == (0..<count).count { $0 / 4 % 2 == 0 })
        let marketing = Dictionary(grouping: received.filter { $0.category == "marketing" }, by: \.person)
        var wanted: [String: Int] = [:]
        for number in 0..<count where number / 4 % 2 == 1 {
            wanted[TestBed.person(number / 8 % Self.people), default: 0] += 1
        }
        let ambiguous = try ReceivedMessages.load(other.recordFile).messages.filter {
            $0.category == "marketing" && ["500", "502", "504"].contains($0.fault)
        }
        let kept = Dictionary(grouping: ambiguous, by: \.person)
        for (person, count) in wanted {
            let places = (marketing[person]?.count ?? 0) + (kept[person]?.count ?? 0)
            #expect(places == min(count, Self.cap), "\(person)")
        }
        let totals = try await bed.totals()
        #expect(totals[.failed] ?? 0 == 0 && totals[.unknown] ?? 0 == ambiguous.count, "\(totals)")
        let perSecond = Double(count) * 1000 / Double(endedAt - begunAt)
        #expect(perSecond > Double(Self.rate) * 0.9, "\(perSecond) messages per second were taken")
    }
}
