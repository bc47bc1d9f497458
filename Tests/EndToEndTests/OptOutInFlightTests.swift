import Glibc
import JSON
import SobreModel
import SobreSandbox
import TestBed
import Testing

/// What is answered while messages wait for the wire. The receiver's record says when each call began.
@Suite("Opt-outs, pauses and cancellations while messages wait for a slow provider", .serialized)
struct OptOutInFlightTests {
    private static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }

    @Test(
        "Nothing begins after the answer, whether the provider crawls or hangs",
        arguments: ["twilio.latency=700ms..900ms", "twilio.hang=100%"])
    func inFlight(faults: String) async throws {
        let bench = try CaseBench(
            "opt-out-in-flight", policy: "caps: []", faults: faults, dispatch: "attempt_timeout: 3s")
        try bench.start()
        let bed = bench.bed
        try await bed.putProfiles(count: 400)
        try await bench.send((0..<400).map { CaseBench.offer("m-\($0)", to: $0, channel: "sms") })
        // Some calls are on the wire and the others wait.
        let deadline = ContinuousClock.now + .seconds(20)
        while try ReceivedMessages.load(bed.recordFile).messages.count < 20, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(10))
        }
        var answeredAt: [String: Int64] = [:]
        for person in stride(from: 399, through: 300, by: -1) {
            let name = TestBed.person(person)
            let answer =
                switch person % 3 {
                case 0: await bed.client.send("DELETE", "\(bed.serverURL)/v1/messages/\(try bench.id("m-\(person)"))")
                case 1: await post("suppressions", "{\"recipient\":\"\(name)\",\"reason\":\"manual\"}", bed)
                default: await pause(name, bed)
                }
            #expect(answer.map { (200..<300).contains($0.status) } == true, "\(answer?.text ?? "no answer")")
            answeredAt[name] = Self.now
        }
        try await Task.sleep(for: .seconds(6))
        let received = try ReceivedMessages.load(bed.recordFile).messages
        let late = received.filter { message in
            message.person.flatMap { answeredAt[$0] }.map { message.at > $0 } ?? false
        }
        #expect(late.isEmpty, "\(late.map { "\($0.person ?? "?") at \($0.at)" })")
        #expect(answeredAt.count == 100 && received.count >= 20)
        if faults.contains("latency") {
            // All others get their message, and so do those whose call began before the answer.
            let reached = Set(received.compactMap(\.person))
            let early: [Int] = (300..<400).filter { reached.contains(TestBed.person($0)) }
            #expect(early.count < 90, "nothing was left to withdraw")
            let end = ContinuousClock.now + .seconds(60)
            while try await bed.totals()[.sent] ?? 0 < 300 + early.count, ContinuousClock.now < end {
                try await Task.sleep(for: .milliseconds(20))
            }
            let totals = try await bed.totals()
            var expected: [DeliveryState: Int] = [.sent: 300, .cancelled: 34, .dropped: 33, .held: 33]
            for person in early {
                let state = [DeliveryState.cancelled, .dropped, .held][person % 3]
                expected[state, default: 0] -= 1
                expected[.sent, default: 0] += 1
            }
            #expect(totals == expected, "\(totals)")
            let counts = try bench.counts()
            #expect((0..<300).allSatisfy { counts[TestBed.person($0)] == 1 })
        }
        bed.killServer()
    }

    /// 250 messages for a provider that takes one call of 20 ms at a time; while they go out, 50 of them are withdrawn.
    @Test("A provider of one call is kept busy, and nothing that was admitted ahead begins after the answer")
    func admittedAhead() async throws {
        let bench = try CaseBench("opt-out-ahead", policy: "caps: []", faults: "twilio.latency=20ms..20ms")
        try bench.bed.changeSettings([
            (
                "TEST_TWILIO_TOKEN}\n    limits: {rate: 1000000/s, burst: 100000, concurrency: 8192}\n",
                "TEST_TWILIO_TOKEN}\n    limits: {concurrency: 1}\n"
            )
        ])
        try bench.start()
        let bed = bench.bed
        try await bed.putProfiles(count: 250)
        try await bench.send((0..<250).map { CaseBench.offer("m-\($0)", to: $0, channel: "sms") })
        var answeredAt: [String: Int64] = [:]
        // Some of these wait in the queue, some are admitted, some have begun.
        for person in 60..<110 {
            let name = TestBed.person(person)
            let answer =
                person.isMultiple(of: 2)
                ? await bed.client.send("DELETE", "\(bed.serverURL)/v1/messages/\(try bench.id("m-\(person)"))")
                : await post("suppressions", "{\"recipient\":\"\(name)\",\"reason\":\"manual\"}", bed)
            #expect(answer.map { $0.status < 300 || $0.status == 409 } == true, "\(answer?.text ?? "no answer")")
            answeredAt[name] = Self.now
        }
        try await bench.settle(atMost: .seconds(60))
        let received = try ReceivedMessages.load(bed.recordFile).messages
        let late = received.filter { message in
            message.person.flatMap { answeredAt[$0] }.map { message.at > $0 } ?? false
        }
        #expect(late.isEmpty, "\(late.map { "\($0.person ?? "?") at \($0.at)" })")
        let counts = try bench.counts()
        #expect((0..<250).allSatisfy { answeredAt[TestBed.person($0)] != nil || counts[TestBed.person($0)] == 1 })
        #expect(counts.values.allSatisfy { $0 == 1 })
        // Admitted ahead: with one message decided after the other, hardly a call followed the last one at once.
        let times = received.map(\.at).sorted()
        let prompt = zip(times, times.dropFirst()).count { $1 - $0 < 30 }
        #expect(prompt > received.count / 4, "\(prompt) of \(received.count) calls of 20 ms followed at once")
    }

    private func post(_ path: String, _ body: String, _ bed: TestBed) async -> HTTPClient.Answer? {
        await bed.client.send("POST", "\(bed.serverURL)/v1/\(path)", body: Array(body.utf8))
    }

    private func pause(_ name: String, _ bed: TestBed) async -> HTTPClient.Answer? {
        await bed.client.send(
            "PATCH", "\(bed.serverURL)/v1/profiles/\(name)",
            body: Array("{\"caps\":{\"pauses\":[{\"until\":\"2099-01-01T00:00:00Z\"}]}}".utf8))
    }
}
