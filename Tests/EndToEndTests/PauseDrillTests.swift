import Foundation
import Glibc
import JSON
import SobreModel
import SobreSandbox
import SobreStore
import TestBed
import Testing

/// Stops and resumes sending under load, as the manual's page "Stop and resume sending" says. The sandbox's record says
/// what went out, and when.
@Suite("Pausing and resuming under load", .serialized)
struct PauseDrillTests {
    /// Ten or more per second of the drill: `SOBRE_DRILL_PEOPLE=5000 swift test --filter PauseDrillTests`.
    private static let people =
        ProcessInfo.processInfo.environment["SOBRE_DRILL_PEOPLE"].flatMap { Int($0) } ?? 200
    /// Messages per second of each provider.
    private static let rate = max(150, people * 3 / 4)
    private static let burst = 20
    private static let inFlight = 96

    /// The messages of each person, in this order: all people's first, then all people's second, and so on.
    private static let rounds: [(campaign: String, channel: String, isCapped: Bool)] = [
        ("orders", "sms", false), ("spring", "email", true), ("autumn", "email", true), ("orders", "email", false),
        ("spring", "sms", true), ("orders", "sms", false), ("autumn", "push", true), ("spring", "push", true),
        ("orders", "push", false), ("autumn", "email", true), ("orders", "sms", false),
    ]

    private static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }

    private static func bench() throws -> CaseBench {
        let bench = try CaseBench(
            "pause-drill",
            policy: """
                caps:
                  - {name: five, applies_to: {category: [marketing]}, limit: 5, window: 1d, on_cap: drop}
                """, dispatch: "in_flight: \(inFlight)")
        let limits = "limits: {rate: \(rate)/s, burst: \(burst), concurrency: 32}"
        try bench.bed.changeSettings([
            (
                "TEST_TWILIO_TOKEN}\n    limits: {rate: 1000000/s, burst: 100000, concurrency: 8192}\n",
                """
                TEST_TWILIO_TOKEN}
                    \(limits)
                  backup:
                    type: twilio
                    settings: {endpoint: "http://127.0.0.1:\(bench.bed.sandboxPorts.http)", from: "+12025550101"}
                    secrets: {account_sid: env:TEST_TWILIO_SID, auth_token: env:TEST_TWILIO_TOKEN}
                    \(limits)

                """
            ),
            ("limits: {rate: 1000000/s, burst: 100000}\n", "\(limits)\n"),
            (
                "TEST_FCM_ACCOUNT}\n    limits: {rate: 1000000/s, burst: 100000, concurrency: 8192}",
                "TEST_FCM_ACCOUNT}\n    \(limits)"
            ),
            ("providers:\n", "routes: {sms: {twilio: 50, backup: 50}}\nproviders:\n"),
        ])
        return bench
    }

    private static func messages() -> [TestMessage] {
        rounds.enumerated().flatMap { round, kind in
            (0..<people).map { person in
                var message = TestMessage(
                    key: "\(round)-\(person)", recipient: TestBed.person(person),
                    template: kind.isCapped ? "offer" : "receipt",
                    category: kind.isCapped ? "marketing" : "transactional", channels: [kind.channel],
                    dedupKey: "\(round)-\(person)")
                message.campaign = kind.campaign
                return message
            }
        }
    }

    /// What the sandbox received of one round.
    private struct Arrival {
        var round: Int
        var person: Int
        var at: Int64
        var seq: Int
    }

    private static func arrivals(_ bench: CaseBench) throws -> [Arrival] {
        var keys: [MessageID: (round: Int, person: Int)] = [:]
        for (key, id) in bench.journal.ids {
            let parts = key.split(separator: "-").compactMap { Int($0) }
            if let id = MessageID(id), parts.count == 2 { keys[id] = (parts[0], parts[1]) }
        }
        return try ReceivedMessages.load(bench.bed.recordFile).messages.compactMap { message in
            guard let key = message.reference.flatMap({ DeliveryID($0) }).flatMap({ keys[$0.message] }) else {
                return nil
            }
            return Arrival(round: key.round, person: key.person, at: message.at, seq: message.seq)
        }
    }

    /// Runs a command of the manual and returns its output. With the time of its end.
    @discardableResult
    private static func sobre(_ bed: TestBed, _ arguments: String...) throws -> (output: String, endedAt: Int64) {
        let (code, output) = try bed.run(
            arguments + ["--config", "\(bed.folder)/sobre.yaml"],
            environment: TestBed.secrets.merging(["SUDO_USER": "ann"]) { $1 })
        let endedAt = now
        #expect(code == 0, "\(arguments): \(output)")
        return (output, endedAt)
    }

    private static func wait(_ what: String, until holds: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if try await holds() { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw TestBed.Failure("\(what) did not happen")
    }

    private static func json(_ bed: TestBed, _ path: String) async throws -> JSONRef {
        let answer = try #require(await bed.client.send("GET", "\(bed.serverURL)\(path)"))
        #expect(answer.status == 200, "\(answer.text)")
        return try answer.json()
    }

    @Test("A paused campaign, then everything: nothing of it a second later, all of it after the resume")
    func drill() async throws {
        let bench = try Self.bench()
        let bed = bench.bed
        try bench.start()
        try await bed.putProfiles(count: Self.people)
        let messages = Self.messages()
        try await bench.send(Array(messages.prefix(Self.people * 4)))
        try await Self.wait("the first messages") { try Self.arrivals(bench).count >= Self.people / 2 }
        let campaignAt = try Self.sobre(bed, "pause", "--campaign", "spring", "--reason", "wrong link").endedAt
        try await bench.send(Array(messages.dropFirst(Self.people * 4)))
        try await Task.sleep(for: .milliseconds(1_100))
        let allAt = try Self.sobre(bed, "pause", "--all", "--reason", "incident 42").endedAt
        try await Task.sleep(for: .milliseconds(1_500))
        try await Self.judgeStandstill(bench)

        // The pauses survive a kill. What was in flight has ended before.
        try await Self.wait("the end of what was in flight") { try await bed.totals()[.attempting] ?? 0 == 0 }
        bed.killServer()
        try bench.start()
        try await Task.sleep(for: .milliseconds(1_200))

        let resumedAt = Self.now
        #expect(try Self.sobre(bed, "resume", "--all").output.contains("Still paused: campaign spring"))
        try await Self.wait("all but the campaign") {
            let totals = try await bed.totals()
            let waiting = totals.filter { !$0.key.isFinal }.values.reduce(0, +)
            let held = try await Self.json(bed, "/v1/pauses")["pauses"]?[0]?["held"]?.int
            return waiting == totals[.held] ?? 0 && waiting == held
        }
        let springAt = Self.now
        try Self.sobre(bed, "resume", "--campaign", "spring")
        try await bench.settle(atMost: .seconds(120))
        let providers = Set(try await bed.log().compactMap(\.entry.provider))
        #expect(providers.isSuperset(of: ["relay", "twilio", "backup", "fcm"]), "\(providers)")
        bed.stopServer()
        try Self.judge(bench, campaignAt: campaignAt, allAt: allAt, resumedAt: resumedAt, springAt: springAt)
    }

    /// What operators see while everything is paused.
    private static func judgeStandstill(_ bench: CaseBench) async throws {
        let bed = bench.bed
        let pauses = try #require(try await json(bed, "/v1/pauses")["pauses"]).elements.map { $0 }
        #expect(pauses.map { $0["campaign"]?.string ?? "\($0["all"]?.bool ?? false)" } == ["spring", "true"])
        #expect(pauses.map { $0["reason"]?.string } == ["wrong link", "incident 42"])
        #expect(pauses.allSatisfy { $0["by"]?.string == "command:ann" && ($0["held"]?.int ?? 0) > 0 })
        let warnings = try await json(bed, "/v1/status")["warnings"]?.elements.compactMap(\.string) ?? []
        #expect(warnings.contains { $0.hasPrefix("Sending is paused: everything, by command:ann since ") })
        #expect(try sobre(bed, "pauses", "--wide").output.contains("incident 42"))
        let answer = await bed.client.send("GET", "\(bed.serverURL)/metrics")
        #expect(answer?.text.contains("sobre_pauses 2\n") == true)
        let held = try #require(
            try await bed.log().last { $0.entry.reason == HoldReason.pausedByOperator.rawValue })
        #expect(held.entry.detail.contains("paused by command:ann since "))
        let explained = try sobre(bed, "explain", "\(held.entry.delivery.message)").output
            .split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(explained.contains("operator pause: ") && explained.contains("by command:ann"), "\(explained)")
        let decision = try await bench.decide(
            "\"recipient\":\"\(TestBed.person(0))\",\"template\":\"receipt\",\"channels\":[\"sms\"]")
        #expect(decision["verdict"]?.string == "hold" && decision["reason"]?.string == "paused_by_operator")
    }

    private static func judge(
        _ bench: CaseBench, campaignAt: Int64, allAt: Int64, resumedAt: Int64, springAt: Int64
    ) throws {
        let arrivals = try arrivals(bench)
        let late = arrivals.filter {
            rounds[$0.round].campaign == "spring" && (campaignAt + 1_000..<springAt).contains($0.at)
        }
        #expect(late.isEmpty, "\(late.count) of the campaign arrived later than a second after it was paused")
        let during = arrivals.filter { (allAt + 1_000..<resumedAt).contains($0.at) }
        #expect(during.isEmpty, "\(during.count) arrived later than a second after everything was paused")
        let rest = arrivals.filter { $0.at >= resumedAt }
        #expect(rest.count > people * 2, "the drill proves nothing: \(rest.count) were left to send")

        #expect(
            rest.count { rounds[$0.round].campaign == "spring" } > people, "the campaign had little left to send")

        // Nothing is lost and nothing comes twice; of six capped messages five go out, to everybody.
        var counts: [Int: [Int]] = [:]
        for arrival in arrivals { counts[arrival.person, default: []].append(arrival.round) }
        for person in 0..<people {
            let own = (counts[person] ?? []).sorted()
            #expect(
                own.filter { !rounds[$0].isCapped } == rounds.indices.filter { !rounds[$0].isCapped },
                "person \(person)")
            #expect(own.count { rounds[$0].isCapped } == 5, "person \(person) got \(own)")
        }
        judgeOrder(rest)
        // The providers keep their pace after the resume. There are two for text messages.
        for (channel, providers) in [("email", 1), ("sms", 2), ("push", 1)] {
            let times = rest.filter { rounds[$0.round].channel == channel }.map(\.at).sorted()
            #expect(times.count > people / 2, "\(times.count) by \(channel)")
            var first = 0
            var most = 0
            for (index, time) in times.enumerated() {
                while times[first] < time - 1_000 { first += 1 }
                most = max(most, index - first + 1)
            }
            #expect(most <= (rate + burst + 32) * providers, "\(most) by \(channel) within a second")
        }
    }

    /// Of what was held, nobody overtakes more than are in flight a few times over: on each channel, among messages of one
    /// priority, and for each person. Transactional messages go before marketing.
    /// A delivery whose provider is busy is given back and claimed again, with others of its batch ahead of it by then.
    private static func judgeOrder(_ rest: [Arrival]) {
        for channel in ["email", "sms", "push"] {
            // The campaign was resumed later, so it has an order of its own.
            for (isSpring, isCapped) in [(false, false), (false, true), (true, true)] {
                let arrived = rest.filter {
                    rounds[$0.round].channel == channel && (rounds[$0.round].campaign == "spring") == isSpring
                        && rounds[$0.round].isCapped == isCapped
                }.sorted { $0.seq < $1.seq }
                let wanted = arrived.sorted { ($0.round, $0.person) < ($1.round, $1.person) }
                let places = Dictionary(uniqueKeysWithValues: wanted.enumerated().map { ($1.seq, $0) })
                let most = arrived.enumerated().map { abs($0 - (places[$1.seq] ?? 0)) }.max() ?? 0
                #expect(most <= inFlight * 4, "\(channel): one message moved by \(most) places")
            }
        }
        for person in 0..<people {
            let own = rest.filter {
                $0.person == person && rounds[$0.round].channel == "sms" && !rounds[$0.round].isCapped
            }
            #expect(own.map(\.round) == own.map(\.round).sorted(), "person \(person)")
        }
    }
}
