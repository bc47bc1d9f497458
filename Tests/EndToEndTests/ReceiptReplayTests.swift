import JSON
import SobreModel
import TestBed
import Testing

/// `sobre receipts replay` and consent to tracking, through the built binary.
@Suite("Receipts: replay and consent to tracking", .serialized) struct ReceiptReplayTests {
    private func bed(_ name: String, policy: String = "") throws -> TestBed {
        let bed = try TestBed.built(name)
        try bed.startSandbox()
        try bed.writeConfiguration(policy: policy)
        try bed.startServer(environment: TestBed.secrets)
        return bed
    }

    private func sobre(_ bed: TestBed, _ words: [String]) throws -> (code: Int32, output: String) {
        try bed.run(["receipts"] + words + ["--config", "\(bed.folder)/sobre.yaml"], environment: TestBed.secrets)
    }

    private func post(_ bed: TestBed, _ receipt: String) async throws {
        let answer = await bed.client.send("POST", "\(bed.serverURL)/v1/receipts/relay", body: Array(receipt.utf8))
        #expect(answer?.status == 200, "\(answer?.text ?? "")")
    }

    private func wait(_ what: String, until isTrue: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            if try await isTrue() { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw TestBed.Failure("\(what) did not come true")
    }

    @Test func `Unmatched receipts are kept, listed and replayed, with the server and without`() async throws {
        let bed = try bed("receipt-replay")
        try await bed.putProfiles(count: 1)
        try await post(bed, #"{"reference":"01jd3v8k6m1r0","kind":"delivered","event_id":"e1"}"#)
        try await wait("the note") {
            try sobre(bed, ["list", "--unmatched", "--format", "json"]).output.contains("no matching message is known")
        }
        let list = try JSONDocument.parse(sobre(bed, ["list", "--unmatched", "--format", "json"]).output).root
        let row = try #require(list["receipts"]?[0])
        #expect(row["standing"]?.string == "waiting" && row["event_id"]?.string == "e1" && row["id"]?.int == 1)
        let unmatched = "\"examined\":1,\"applied\":0,\"unchanged\":0,\"unmatched\":1}\n"
        for words in [["--unmatched", "--dry-run"], ["1", "--dry-run"], ["--provider", "relay", "--dry-run"]] {
            let (code, output) = try sobre(bed, ["replay", "--format", "json"] + words)
            #expect(code == 0 && output == "{\"dry_run\":true,\(unmatched)", "\(output)")
        }
        let none = try sobre(bed, ["replay", "--provider", "twilio"])
        #expect(none.code == 0 && none.output == "0 receipts: 0 applied, 0 unchanged, 0 unmatched.\n", "\(none.output)")
        bed.stopServer()
        let (code, output) = try sobre(bed, ["replay", "--all", "--format", "json"])
        #expect(code == 0 && output == "{\"dry_run\":false,\(unmatched)", "\(output)")
    }

    @Test(arguments: [
        ([], "Say which receipts"), (["--all", "1"], "leave out the other options"),
        (["--since", "noon"], "--since is not a time: noon"), (["01jd3v8k6m1r0", "01jd3v8k6m1r1"], "Name one message"),
    ])
    func `A replay that does not say which receipts is refused`(words: [String], sentence: String) throws {
        let bed = try TestBed.built("replay-words")
        let (code, output) = try bed.run(["receipts", "replay"] + words)
        #expect(code != 0 && output.contains(sentence), "\(output)")
    }

    @Test func `Openings count only for people who consented to tracking`() async throws {
        let bed = try bed("tracking-consent", policy: "tracking: {requires_consent: true}")
        let consents = [
            #"[{"category":"tracking","granted":true,"at":"2026-01-01T00:00:00Z"}]"#,
            #"[{"category":"marketing","granted":true}]"#,
        ]
        try await bed.putProfiles(
            (0..<2).map { number in
                #"{"id":"\#(TestBed.person(number))","addresses":[{"channel":"email","address":"p\#(number)@people.example"}],"consents":\#(consents[number])}"#
            })
        let journal = Journal()
        let url = bed.serverURL
        let offers = (0..<2).map { number in
            TestMessage(
                key: "t-\(number)", recipient: TestBed.person(number), template: "offer", category: "marketing",
                channels: ["email"], dedupKey: "t-\(number)")
        }
        try await TestBed.enqueue(offers, at: { url }, client: bed.client, journal: journal)
        try await bed.waitUntilQuiet(atMost: .seconds(20))
        for offer in offers {
            let id = try #require(journal.ids[offer.key].flatMap { MessageID($0) })
            try await post(bed, #"{"reference":"\#(id.delivery(0))","kind":"opened"}"#)
        }
        try await wait("both receipts") {
            try sobre(bed, ["list"]).output.contains("0 waiting, 1 applied, 0 ignored, 0 lapsed, 1 anonymous.")
        }
        #expect(try await bed.totals() == [.opened: 1, .sent: 1])
        let policy = try bed.run(["policy", "show", "--config", "\(bed.folder)/sobre.yaml"])
        #expect(policy.output.contains(#"Openings and clicks count only with the consent "tracking"."#))
    }
}
