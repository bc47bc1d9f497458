import ChildProcess
import TestBed

/// The server's memory while a million messages wait for a provider that is down.
struct BacklogBench {
    let executable: String
    let messages: Int

    func run() async throws {
        let bed = try TestBed(executable: executable, folder: try Files.temporaryFolder("backlog"))
        defer { BenchFolder.remove(bed.folder) }
        // Port 9 (discard) refuses connections on loopback. The provider's breaker opens and its backlog stays in the
        // queue.
        try bed.writeConfiguration(capLimit: 1_000, capWindow: "1d", resendAfter: "30s", sink: 9)
        try bed.startServer(environment: TestBed.secrets)
        defer { bed.stopServer() }
        try await bed.putProfiles(count: 1000)
        let offers = OfferBatch(name: "backlog")
        let meter = ProcessMeter(bed.server!.processID)
        for start in stride(from: 0, to: messages, by: 2000) {
            let lines = offers.lines(start..<min(start + 2000, messages)) { TestBed.person($0 % 1000) }
            try await bed.client.enqueue(lines, at: bed.serverURL)
        }
        let memory = meter.residentMB
        print("\(messages) messages wait; resident \(memory.now) MB now, \(memory.peak) MB at the highest")
        SobreBench.report("backlog-rss", Double(memory.peak), "MB")
    }
}
