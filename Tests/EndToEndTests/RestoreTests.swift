import ChildProcess
import Glibc
import JSON
import SobreModel
import SobreSQLite
import SobreStore
import TestBed
import Testing

/// A data directory restored from a backup does not contain what was sent since the backup.
@Suite("After a restore", .serialized)
struct RestoreTests {
    private func receipt(_ key: String, to person: Int) -> TestMessage {
        var message = CaseBench.offer(key, to: person)
        message.template = "receipt"
        message.category = "transactional"
        return message
    }

    @Test("A backup beside the working server is a whole data directory of one instant, for its owner only")
    func backup() async throws {
        let bed = try TestBed.built("backup")
        try bed.startSandbox()
        try bed.writeConfiguration(capLimit: 100, capWindow: "1d", resendAfter: "1s")
        try bed.startServer(environment: TestBed.secrets)
        try await bed.putProfiles(count: 40)
        let config = ["--config", "\(bed.folder)/sobre.yaml"]
        let journal = Journal()
        let url = bed.serverURL
        @Sendable func round(_ number: Int) async throws {
            let messages = (0..<40).map { CaseBench.offer("r\(number)-\($0)", to: $0) }
            try await TestBed.enqueue(messages, at: { url }, client: bed.client, journal: journal)
        }
        try await round(0)
        let known = journal.ids
        // Enough load that the server commits throughout the copy.
        let load = Task { for number in 1..<20 { try await round(number) } }
        let copy = "\(bed.folder)/copy"
        let (code, output) = try bed.run(["backup", copy] + config)
        #expect(known.count == 40 && code == 0 && output.contains("and links.key written to"), "\(output)")
        try await load.value
        #expect(try Files.list(copy).sorted() == ["links.key", "sobre.db"])
        for path in [copy, "\(copy)/sobre.db", "\(copy)/links.key"] {
            var info = stat()
            #expect(stat(path, &info) == 0 && info.st_mode & 0o077 == 0, "\(path) is its owner's alone")
        }
        #expect(Files.read("\(copy)/links.key") == Files.read("\(bed.folder)/data/links.key"))
        #expect(try bed.run(["backup", copy] + config).code == 74, "it never writes over one that is there")
        #expect(try Files.list(copy).count == 2)

        let reader = try SQLiteStore.openReadOnly(directory: copy)
        for id in known.values {
            let id = try #require(MessageID(id))
            #expect(try await reader.message(id) != nil, "\(id)")
        }
        await reader.close()
        let other = ["SOBRE_DATA_DIRECTORY": copy]
        #expect(try bed.run(["profiles", "show", TestBed.person(39)] + config, environment: other).code == 0)
        #expect(
            try bed.run(
                ["backup", "\(bed.folder)/b"] + config, environment: ["SOBRE_DATA_DIRECTORY": "\(bed.folder)/none"]
            ).code == 66)
        #expect(bed.stopServer() == .exited(code: 0))
    }

    @Test("What may have gone out before is held, and what caps restrain; the rest goes; a plain start lets all go")
    func restored() async throws {
        let bench = try CaseBench(
            "restored",
            policy: """
                caps:
                  - {name: daily, applies_to: {category: marketing}, limit: 5, window: 1d}
                """)
        try bench.start()
        try await bench.bed.putProfiles(count: 3)
        bench.bed.stopServer()
        // The backup contains a waiting message of each kind.
        let config = ["--config", "\(bench.bed.folder)/sobre.yaml"]
        let waiting = "\(bench.bed.folder)/waiting.ndjson"
        try Files.write(
            ["offer", "receipt"].map { template in
                "{\"recipient\":\"\(TestBed.person(0))\",\"template\":\"\(template)\",\"channels\":[\"email\"],"
                    + "\"data\":{\"order_id\":\"old-\(template)\"}}\n"
            }.joined(), to: waiting)
        #expect(try bench.bed.run(["enqueue", waiting] + config).code == 0)

        try bench.start(at: nil, ["--restored"])
        try await bench.send([CaseBench.offer("new-offer", to: 1), receipt("new-receipt", to: 1)])
        _ = try await bench.wait(for: "new-receipt") { $0.state == .sent }
        let held = try await bench.wait(for: "new-offer") { $0.state == .held }
        #expect(held.reason == "restored" && held.detail.contains("what else was sent"), "\(held)")
        let all = try await bench.bed.log().map(\.entry).filter { $0.state == .held }
        #expect(all.count == 3 && all.allSatisfy { $0.reason == "restored" })
        #expect(all.count { $0.detail.contains("may have been sent") } == 2)
        #expect(try bench.accepted().map(\.title) == ["Order new-receipt"])
        let status = await bench.bed.client.send("GET", "\(bench.bed.serverURL)/v1/status")
        #expect(status?.text.contains("Start without --restored") == true, "\(status?.text ?? "")")
        let offer = "\"recipient\":\"\(TestBed.person(2))\",\"template\":\"offer\""
        #expect(try await bench.decide(offer)["reason"]?.string == "restored")
        bench.bed.stopServer()

        try bench.start(at: SystemTime().now() + .seconds(1_000))
        try await bench.settle()
        #expect(
            Set(try bench.accepted().map(\.title)) == [
                "Order new-receipt", "Order new-offer", "Order old-offer", "Order old-receipt",
            ])
        #expect(try bench.accepted().count == 4)
        bench.bed.stopServer()
    }
}
