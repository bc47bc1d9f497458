import JSON
import SobreModel
import SobreSandbox
import TestBed
import Testing

/// Merges of two profiles while messages to both are in flight.
@Suite("People who turn out to be one", .serialized)
struct MergeTests {
    @Test("A cap holds across merges, also for what is in flight and for what waits under either id")
    func capAcrossMerges() async throws {
        let bed = try TestBed.built("merges")
        try bed.startSandbox(faults: "latency=200ms..400ms")
        try bed.writeConfiguration(capLimit: 3, capWindow: "1d", resendAfter: "1s")
        try bed.startServer(environment: TestBed.secrets)
        let pairs = 12
        try await bed.putProfiles(count: 2 * pairs)
        let journal = Journal()
        let url = bed.serverURL
        func offers(_ key: String, to people: [Int]) async throws {
            let messages = people.enumerated().map { place, person in
                TestMessage(
                    key: "\(key)-\(place)", recipient: TestBed.person(person), template: "offer", category: "marketing",
                    channels: [["email"], ["sms"], ["push"]][place % 3], dedupKey: "\(key)-\(place)")
            }
            try await TestBed.enqueue(messages, at: { url }, client: bed.client, journal: journal)
        }
        // One message to each is in flight while the profiles are merged. Then both IDs get more messages than the cap
        // allows.
        try await offers("first", to: Array(0..<(2 * pairs)))
        for pair in 0..<pairs {
            let answer = await bed.client.send(
                "POST", "\(url)/v1/profiles/\(TestBed.person(2 * pair + 1))/merge",
                body: Array("{\"from\":\"\(TestBed.person(2 * pair))\"}".utf8))
            #expect(answer?.status == 200)
        }
        for round in 0..<4 { try await offers("more-\(round)", to: Array(0..<(2 * pairs))) }
        try await bed.waitUntilQuiet(atMost: .seconds(60))
        let accepted = try ReceivedMessages.load(bed.recordFile).accepted
        for pair in 0..<pairs {
            let names: Set = [TestBed.person(2 * pair), TestBed.person(2 * pair + 1)]
            // A push to the devices of both is still one message.
            let got = Set(accepted.filter { $0.person.map(names.contains) ?? false }.compactMap(\.reference))
            #expect(got.count == 3, "pair \(pair) got \(got.count)")
        }
        // Both IDs return the whole timeline.
        let timelines = await bed.client.send("GET", "\(url)/v1/profiles/\(TestBed.person(0))/timeline?limit=100")
        #expect(try timelines?.json()["messages"]?.count == 10)
    }
}
