import ChildProcess
import JSON
import TestBed

/// The server's memory while a million messages wait for a provider that is down.
struct BacklogBench {
    let executable: String
    let messages: Int

    func run() async throws {
        let bed = try TestBed(executable: executable, folder: try Files.temporaryFolder("backlog"))
        // Port 9 (discard) refuses on loopback: the provider's breaker opens and its backlog stays in the queue.
        try bed.writeConfiguration(capLimit: 1_000, capWindow: "1d", resendAfter: "30s", sink: 9)
        try bed.startServer(environment: TestBed.secrets)
        defer { bed.stopServer() }
        try await bed.putProfiles(count: 1000)
        let meter = ProcessMeter(bed.server!.processID)
        for start in stride(from: 0, to: messages, by: 2000) {
            var json = JSONWriter()
            for index in start..<min(start + 2000, messages) {
                json.beginObject()
                json.member("idempotency_key", "backlog-\(index)")
                json.member("recipient", TestBed.person(index % 1000))
                json.member("template", "offer")
                json.member("category", "marketing")
                json.key("channels")
                json.value(["sms"])
                json.member("dedup_key", "backlog-\(index)")
                json.key("data")
                json.object { $0.member("order_id", "\(index)") }
                json.endObject()
                json.newline()
            }
            let answer = await bed.client.send(
                "POST", "\(bed.serverURL)/v1/messages", body: json.bytes, type: "application/x-ndjson")
            guard answer?.status == 202 else {
                throw TestBed.Failure("a batch was answered \(answer?.status ?? 0): \(answer?.text.prefix(300) ?? "")")
            }
        }
        let memory = meter.residentMB
        print("\(messages) messages wait; resident \(memory.now) MB now, \(memory.peak) MB at the highest")
        SobreBench.report("backlog-rss", Double(memory.peak), "MB")
    }
}
