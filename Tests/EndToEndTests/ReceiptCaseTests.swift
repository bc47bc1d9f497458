import JSON
import SobreModel
import SobreSandbox
import SobreStore
import TestBed
import Testing

/// Receipts through the real server and a sandbox that sends them: signed, late, early, repeated and in any order.
@Suite("Receipts end to end", .serialized)
struct ReceiptCaseTests {
    private func bed(_ name: String) throws -> TestBed { try .built(name) }

    private func start(_ bed: TestBed, shiftedBy shift: Duration = .zero) throws {
        var environment = TestBed.secretsWithReceipts
        if shift != .zero {
            environment.merge(try bed.secrets(at: SystemTime().now() + shift)) { $1 }
            environment["TEST_RECEIPTS"] = TestBed.receiptSecret
        }
        try bed.startServer(environment: environment)
    }

    private func wait(
        _ what: String, atMost limit: Duration = .seconds(40), until isTrue: () async throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if try await isTrue() { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw TestBed.Failure("\(what) did not come true within \(limit)")
    }

    private func inbox(_ bed: TestBed) async throws -> JSONRef {
        try await #require(bed.client.send("GET", "\(bed.serverURL)/v1/receipts?limit=1000")).json()
    }

    /// The last log entry of every delivery.
    private func states(_ bed: TestBed) async throws -> [String: LogEntry] {
        try await bed.log().reduce(into: [:]) { $0[$1.entry.delivery.description] = $1.entry }
    }

    private func post(_ bed: TestBed, _ fields: String, person: Int = 1) async throws -> MessageID {
        let body = #"{"recipient":"\#(TestBed.person(person))","data":{"order_id":"x"},\#(fields)}"#
        let answer = try #require(
            await bed.client.send("POST", "\(bed.serverURL)/v1/messages", body: Array(body.utf8)))
        #expect(answer.status == 202, "\(answer.text)")
        let json = try answer.json()
        let id = json["id"] ?? json["results"]?[0]?["id"]
        return try #require(id?.string.flatMap { MessageID($0) })
    }

    @Test(
        "Case 10: kill -9 between the provider's acceptance and our commit: never N+1, unknown, resolved by the receipt"
    )
    func caseTen() async throws {
        let bed = try bed("case10")
        // The sandbox accepts every message at once, answers late, and sends receipts only after the restart.
        try bed.prepareReceipts("delivered=100%,delay=4s..5s", faults: "latency=1500ms", capLimit: 2)
        try start(bed)
        try await bed.putProfiles(count: 8)
        let journal = Journal()
        let url = bed.serverURL
        let channels = ["email", "sms", "push"]
        let offers = (0..<40).map { number in
            TestMessage(
                key: "m-\(number)", recipient: TestBed.person(number % 8), template: "offer", category: "marketing",
                channels: [channels[number % 3]], dedupKey: "m-\(number)")
        }
        try await TestBed.enqueue(offers, at: { url }, client: bed.client, journal: journal)
        try await wait("an acceptance") { try ReceivedMessages.load(bed.recordFile).accepted.count >= 8 }
        bed.killServer()
        let acceptedBefore = Set(try ReceivedMessages.load(bed.recordFile).accepted.compactMap(\.reference))
        #expect(!acceptedBefore.isEmpty)

        try start(bed)
        // Exactly the attempts in flight are unknown.
        try await wait("the unknown ones") { try await states(bed).values.contains { $0.state == .unknown } }
        let afterRestart = try await states(bed)
        #expect(afterRestart.values.count { $0.state == .unknown } > 0)
        for (reference, entry) in afterRestart where entry.state == .unknown {
            #expect(entry.reason == "ambiguous", "\(reference)")
        }
        // Each receipt finds its message. Everything that the sandbox accepted ends as delivered.
        try await wait("the receipts") {
            let states = try await states(bed)
            let taken = Set(try ReceivedMessages.load(bed.recordFile).accepted.compactMap(\.reference))
            return acceptedBefore.isSubset(of: taken) && taken.allSatisfy { states[$0]?.state == .delivered }
        }
        try await bed.waitUntilQuiet(atMost: .seconds(30))
        let received = try ReceivedMessages.load(bed.recordFile)
        #expect(received.duplicates().isEmpty)
        #expect(received.capViolations(limit: 2, windowMilliseconds: 86_400_000, category: "marketing").isEmpty)
        let perPerson = received.accepted.reduce(into: [:]) { $0[$1.person ?? "?", default: 0] += 1 }
        #expect(perPerson.values.allSatisfy { $0 <= 2 })
        // I8: a delivery is `sent` only with the provider's ID or a receipt.
        for entry in try await states(bed).values where entry.state == .sent { #expect(entry.providerID != nil) }
        let log = try await bed.log()
        for reference in acceptedBefore {
            let story = log.filter { $0.entry.delivery.description == reference }.map(\.entry.state)
            #expect(story.suffix(2) == [.unknown, .delivered] || story.suffix(2) == [.sent, .delivered], "\(story)")
        }
        #expect(log.contains { $0.entry.state == .unknown })
    }

    @Test("Receipts early, 46 times each and in no order: every message ends as its strongest event says, once")
    func storm() async throws {
        let bed = try bed("receipt-storm")
        try bed.prepareReceipts(
            "delivered=95%,bounced=10%,soft=5%,opened=60%,clicked=50%,unsubscribed=15%,complained=10%,copies=46,delay=0ms..600ms",
            faults: "latency=0ms..400ms")
        try start(bed)
        try await bed.putProfiles(count: 24)
        let journal = Journal()
        let url = bed.serverURL
        let messages = (0..<24).map { number in
            TestMessage(
                key: "s-\(number)", recipient: TestBed.person(number), template: "receipt",
                category: "transactional", channels: [["email", "sms", "push"][number % 3]], dedupKey: "s-\(number)")
        }
        try await TestBed.enqueue(messages, at: { url }, client: bed.client, journal: journal)
        try await wait("the sandbox to have told all") {
            let stats = try await #require(bed.client.send("GET", "\(bed.sandboxURL)/_sandbox/stats")).json()
            let receipts = stats["receipts"]
            return try ReceivedMessages.load(bed.recordFile).accepted.count == 24 && receipts?["pending"]?.int == 0
                && (receipts?["sent"]?.int ?? 0) > 24 * 46 / 2 && receipts?["lost"]?.int == 0
        }
        try await wait("the inbox to be empty") { try await inbox(bed)["totals"]?["waiting"]?.int == 0 }
        let box = try await inbox(bed)
        #expect(box["totals"]?["lapsed"]?.int == 0)
        #expect(box["rejected"]?.count == 0)
        // Checked by the receipts that were sent, with this test's own order.
        let order = [
            "bounced.soft", "delivered", "bounced.hard", "opened", "clicked", "unsubscribed", "complained",
        ]
        var strongest: [String: Int] = [:]
        for receipt in try #require(box["receipts"]).elements {
            let kind = try #require(order.firstIndex(of: receipt["kind"]?.string ?? ""))
            strongest[receipt["reference"]?.string ?? "", default: -1] = max(
                kind, strongest[receipt["reference"]?.string ?? ""] ?? -1)
        }
        #expect(strongest.count > 15)
        let states = try await states(bed)
        for (reference, kind) in strongest {
            let expected = order[kind].split(separator: ".").first.map { String($0) }
            let entry = try #require(states[reference])
            #expect(entry.state.description == expected && entry.reason == order[kind], "\(reference) \(entry)")
        }
        let log = try await bed.log()
        for reference in strongest.keys {
            let story = log.filter { $0.entry.delivery.description == reference }
            #expect(story.count { $0.entry.state == .attempting } == 1, "it was sent again")
            #expect(story.count <= 3 + order.count)
        }
        // Recipients who bounced or complained get no further messages, and the refusal says why.
        if let bounced = strongest.first(where: { order[$0.value] == "bounced.hard" }),
            let row = log.first(where: { $0.entry.delivery.description == bounced.key })
        {
            let body =
                #"{"recipient":"\#(row.recipient)","template":"receipt","channels":["\#(states[bounced.key]!.channel!)"],"data":{"order_id":"y"}}"#
            let answer = try #require(
                await bed.client.send("POST", "\(bed.serverURL)/v1/messages", body: Array(body.utf8)))
            let json = try answer.json()
            let id = try #require((json["id"] ?? json["results"]?[0]?["id"])?.string)
            try await wait("the refusal") { try await self.states(bed)[id]?.reason == "suppressed" }
        }
        let (code, output) = try bed.run(["receipts", "--config", "\(bed.folder)/sobre.yaml", "--limit", "5"])
        #expect(code == 0 && output.contains("No receipts were rejected"), "\(output)")
    }

    @Test("Escalation: the next channel goes out without success, also over a restart, and not with it")
    func escalation() async throws {
        let bed = try bed("escalate")
        try bed.prepareReceipts(nil)
        try start(bed)
        try await bed.putProfiles(count: 4)
        let route = #""route":{"escalate":{"after":"2h","until":"opened"}}"#
        let plan = #""template":"offer","channels":["push","sms","email"],\#(route)"#
        let silent = try await post(bed, plan, person: 1)
        let opened = try await post(bed, plan, person: 2)
        try await wait("the first channel") {
            let states = try await states(bed)
            return states[silent.description]?.state == .sent && states[opened.description]?.state == .sent
        }
        let receipt = #"{"reference":"\#(opened.delivery(0))","kind":"opened"}"#
        func tell() async throws -> Int? {
            await bed.client.send("POST", "\(bed.serverURL)/v1/receipts/fcm", body: Array(receipt.utf8))?.status
        }
        // The receipt is unsigned although a secret is configured.
        #expect(try await tell() == 401)
        #expect(try await states(bed)[opened.description]?.state == .sent)
        let made = try bed.run([
            "keys", "create", "--label", "far end", "--scope", "receipts", "--config", "\(bed.folder)/sobre.yaml",
        ])
        let key = try #require(made.output.split(whereSeparator: \.isWhitespace).first { $0.hasPrefix("sobre_") })
        let bearer = [(name: "Authorization", value: "Bearer \(key)")]
        try await wait("the key to be in force") {
            await bed.client.send(
                "POST", "\(bed.serverURL)/v1/receipts/fcm", body: Array(receipt.utf8), headers: bearer)?.status == 200
        }
        try await wait("the receipt's effect") {
            let states = try await states(bed)
            return states[opened.description]?.state == .opened
                && states[opened.delivery(1).description]?.state == .cancelled
                && states[opened.delivery(2).description]?.state == .cancelled
        }
        #expect(try await states(bed)[opened.delivery(1).description]?.reason == "escalation_met")
        try await wait("the next channel to wait") {
            try await states(bed)[silent.delivery(1).description]?.reason == "awaits_channel"
        }
        bed.stopServer()

        // The server is started again two hours later.
        try start(bed, shiftedBy: .seconds(2 * 3600 + 30))
        try await wait("the second channel") { try await states(bed)[silent.delivery(1).description]?.state == .sent }
        #expect(try await states(bed)[silent.delivery(2).description]?.state.isPending == true)
        bed.stopServer()
        try start(bed, shiftedBy: .seconds(5 * 3600))
        try await wait("the third channel") { try await states(bed)[silent.delivery(2).description]?.state == .sent }
        let accepted = try ReceivedMessages.load(bed.recordFile).accepted
        #expect(accepted.filter { $0.person == TestBed.person(1) }.map(\.channel) == [.push, .sms, .email])
        #expect(accepted.filter { $0.person == TestBed.person(2) }.map(\.channel) == [.push])
    }
}
