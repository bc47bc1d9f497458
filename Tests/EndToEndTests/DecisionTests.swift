import JSON
import SobreModel
import TestBed
import Testing

/// `POST /v1/decisions` of a running server, for messages with several deliveries.
@Suite("Decisions about messages that are not sent", .serialized)
struct DecisionTests {
    @Test("The later channels of an escalation wait for the one before: awaits_channel, until its time has passed")
    func laterChannels() async throws {
        let bench = try CaseBench("decisions", policy: "caps: []\n")
        try bench.start()
        try await bench.bed.putProfiles(count: 1)
        let answer = try #require(
            await bench.bed.client.send(
                "POST", "\(bench.bed.serverURL)/v1/decisions",
                body: Array(
                    """
                    {"recipient": "\(TestBed.person(0))", "template": "offer", "channels": ["push", "sms", "email"],
                     "route": {"escalate": {"after": "90m", "until": "clicked"}}, "data": {"order_id": "1"}}
                    """.utf8)))
        #expect(answer.status == 200, "\(answer.text)")
        let root = try answer.json()
        let at = try #require(root["at"]?.string.flatMap { Instant(rfc3339: $0) })
        let decisions = try #require(root["decisions"]).elements.map { $0 }
        #expect(decisions.map { $0["channel"]?.string } == ["push", "sms", "email"])
        #expect(decisions.map { $0["verdict"]?.string } == ["send", "hold", "hold"])
        #expect(decisions.map { $0["reason"]?.string } == [nil, "awaits_channel", "awaits_channel"])
        #expect(decisions.map { $0["trace"]?["step"]?.string } == [nil, "escalation", "escalation"])
        // The second channel has its turn when the first has had its time; the third looks again after the second's turn.
        let until = decisions.map { $0["until"]?.string.flatMap { Instant(rfc3339: $0) } }
        let turn = try #require(until[1])
        #expect(abs((turn - at - .seconds(90 * 60)).milliseconds) < 5_000, "\(turn), asked at \(at)")
        #expect(until[2] == turn + .seconds(1))
        // Nothing was accepted, and nothing is sent.
        #expect(try await bench.bed.log().isEmpty)
        #expect(try bench.accepted().isEmpty)
    }
}
