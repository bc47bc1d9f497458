import ChildProcess
import TestBed

/// The server's memory while many messages wait for a provider that is down, and of a server that starts on them.
struct BacklogBench {
    let executable: String
    let messages: Int

    /// The bound of either figure.
    private static let mostMB = 200.0

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
        report("backlog-rss", meter)
        bed.stopServer()
        try bed.startServer(environment: TestBed.secrets)
        let restarted = ProcessMeter(bed.server!.processID)
        try await Task.sleep(for: .seconds(5))
        report("backlog-restart-rss", restarted)
        print("\(BenchFolder.size(of: "\(bed.folder)/data") >> 20) MB on the disk")
    }

    private func report(_ name: String, _ meter: ProcessMeter) {
        let memory = meter.residentMB
        print("\(messages) messages wait; resident \(memory.now) MB now, \(memory.peak) MB at the highest")
        let peak = Double(memory.peak)
        SobreBench.report(name, peak, "MB", ratio: peak / Self.mostMB, base: "200 MB")
    }
}
