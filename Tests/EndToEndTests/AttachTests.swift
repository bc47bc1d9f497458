import ChildProcess
import JSON
import TestBed
import Testing

@Suite("sobre enqueue --attach", .serialized)
struct AttachTests {
    private func line(_ key: String, _ more: String = "") -> String {
        #"{"idempotency_key":"\#(key)","recipient":"person-1","template":"receipt","channels":["email"],"#
            + #""data":{"order_id":"7"}\#(more)}"#
    }

    @Test("The files go with every message, with and without a server; a message with its own is refused")
    func attached() async throws {
        let bench = try CaseBench("attach", policy: "caps: []")
        let bed = bench.bed
        try Files.write("the terms", to: "\(bed.folder)/Größe 1.txt")
        try Files.write(String(repeating: "scanned, ", count: 333_333), to: "\(bed.folder)/scan.pdf")
        // With its files each message is larger than a third of a batch.
        let lines = (0..<5).map { line("k-\($0)") } + ["", line("own", #","attachments":[]"#), "{", line("last")]
        try Files.write(lines.joined(separator: "\n"), to: "\(bed.folder)/messages.ndjson")
        let command = [
            "enqueue", "\(bed.folder)/messages.ndjson", "--attach", "\(bed.folder)/Größe 1.txt", "--attach",
            "\(bed.folder)/scan.pdf", "--create", "--config", "\(bed.folder)/sobre.yaml",
        ]
        for isRunning in [false, true] {
            if isRunning {
                try bench.start()
                try await bed.putProfiles(count: 2)
            }
            let (code, output) = try bed.run(command)
            #expect(code == 1, "\(output)")
            #expect(output.contains("line 7: The message has \"attachments\" of its own."), "\(output)")
            #expect(output.contains("line 8"), "\(output)")
            let taken = isRunning ? "6 accepted before" : "6 messages accepted"
            #expect(output.contains(taken) && output.contains("2 rejected"), "\(output)")
        }
        let found = try #require(await bed.client.send("GET", "\(bed.serverURL)/v1/messages?recipient=person-1"))
        let messages = try #require(found.json()["messages"]?.elements.map { $0["attachments"] })
        #expect(messages.count == 6)
        for files in messages {
            #expect(files?.elements.map { $0["filename"]?.string } == ["Größe 1.txt", "scan.pdf"])
            #expect(files?.elements.map { $0["content_type"]?.string } == ["text/plain", "application/pdf"])
            #expect(files?.elements.map { $0["bytes"]?.int } == [9, 2_999_997])
        }
        #expect(bed.stopServer() == .exited(code: 0))
    }

    @Test(
        "What may not be attached is refused before anything is sent",
        arguments: [
            (["missing.pdf"], "missing.pdf", Int32(66)), (["run.exe"], "attachments.forbidden_extensions", 65),
            (["large.pdf"], "attachments.max_file", 65), (["half.pdf", "half.pdf"], "attachments.max_total", 65),
            (Array(repeating: "small.txt", count: 21), "attachments.max_count", 65),
        ])
    func refused(names: [String], words: String, status: Int32) throws {
        let bench = try CaseBench("attach-refused", policy: "caps: []")
        let folder = bench.bed.folder
        try Files.write(line("k"), to: "\(folder)/messages.ndjson")
        for (name, size) in [("run.exe", 1), ("large.pdf", (10 << 20) + 1), ("half.pdf", 6 << 20), ("small.txt", 1)] {
            try Files.write(String(repeating: "A", count: size), to: "\(folder)/\(name)")
        }
        let files = names.flatMap { ["--attach", "\(folder)/\($0)"] }
        let (code, output) = try bench.bed.run(
            ["enqueue", "\(folder)/messages.ndjson", "--create", "--config", "\(folder)/sobre.yaml"] + files)
        #expect(code == status, "\(output)")
        #expect(output.contains(words), "\(output)")
        #expect(!Files.exists("\(folder)/data/sobre.db"))
    }
}
