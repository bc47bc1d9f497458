import ChildProcess
import JSON
import SobreSandbox
import TestBed
import Testing

@Suite("Traces", .serialized)
struct TraceTests {
    private static let sampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    private static let quiet = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"

    @Test("A request's trace reaches the provider, the server's log, sobre show and the delivery log")
    func throughout() async throws {
        let bench = try CaseBench("traces", policy: "caps: []")
        try bench.start()
        let bed = bench.bed
        try await bed.putProfiles(count: 3)
        var ids: [String] = []
        for (person, trace) in [Self.sampled, Self.quiet, nil].enumerated() {
            let body = """
                {"recipient":"\(TestBed.person(person))","template":"offer","channels":["sms"],"data":{"order_id":"7"}}
                """
            let answer = try #require(
                await bed.client.send(
                    "POST", "\(bed.serverURL)/v1/messages", body: Array(body.utf8),
                    headers: trace.map { [("traceparent", $0)] } ?? []))
            ids.append(try #require(try answer.json()["id"]?.string, "\(answer.text)"))
        }
        try await bench.settle()
        let received = try bench.accepted()
        for (person, trace) in [Self.sampled, Self.quiet, nil].enumerated() {
            let message = try #require(received.first { $0.person == TestBed.person(person) })
            #expect(message.trace == trace)
        }
        let lines = (Files.read("\(bed.folder)/server.err") ?? "").split(separator: "\n")
        let line = try #require(lines.first { $0.contains("trace_id=4bf92f3577b34da6a3ce929d0e0e4736") })
        #expect(line.contains("delivery=\(ids[0])") && line.contains("state=sent"), "\(line)")
        // Nobody records the second trace, so it is for debugging only.
        #expect(!lines.contains { $0.contains("0af7651916cd43dd8448eb211c80319c") })

        let shown = try bed.run(["show", ids[0], "--config", "\(bed.folder)/sobre.yaml"])
        #expect(shown.code == 0 && shown.output.contains("trace      \(Self.sampled)"), "\(shown.output)")
        let log = try #require(await bed.client.send("GET", "\(bed.serverURL)/v1/log?limit=100"))
        for (id, trace) in zip(ids, [Self.sampled, Self.quiet, nil]) {
            let rows = try log.json()["entries"]?.elements.filter { $0["message"]?.string == id } ?? []
            #expect(rows.count >= 3 && rows.allSatisfy { $0["traceparent"]?.string == trace })
        }
        #expect(bed.stopServer() == .exited(code: 0))
    }
}
