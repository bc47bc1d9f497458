import ChildProcess
import TestBed

/// Messages a second through an HTTP provider that answers after 50 ms and takes four calls at once.
struct SlowProviderBench {
    let executable: String

    private static let messages = 1_200
    private static let concurrency = 4
    private static let latency = 0.05

    func run() async throws {
        let bed = try TestBed(executable: executable, folder: try Files.temporaryFolder("slow-provider"))
        defer { BenchFolder.remove(bed.folder) }
        try bed.startSandbox(faults: "twilio.latency=50ms..50ms")
        try bed.writeConfiguration(policy: "caps: []")
        try bed.changeSettings([
            (
                "    secrets: {account_sid: env:TEST_TWILIO_SID, auth_token: env:TEST_TWILIO_TOKEN}\n"
                    + "    limits: {rate: 1000000/s, burst: 100000, concurrency: 8192}\n",
                "    secrets: {account_sid: env:TEST_TWILIO_SID, auth_token: env:TEST_TWILIO_TOKEN}\n"
                    + "    limits: {concurrency: \(Self.concurrency)}\n"
            )
        ])
        try bed.startServer(environment: TestBed.secrets)
        defer { bed.stopServer() }
        try await bed.putProfiles(count: Self.messages)
        let processor = ProcessMeter(bed.server!.processID)
        let begun = ContinuousClock.now
        try await bed.enqueue(OfferBatch(name: "slow").batches(of: Self.messages, people: Self.messages))
        try await bed.waitUntilSettled(Self.messages)
        let rate = Double(Self.messages) / ((ContinuousClock.now - begun) / .seconds(1))
        let most = Double(Self.concurrency) / Self.latency
        SobreBench.report("slow-provider", rate, "messages/s", ratio: rate / most, base: "4 calls of 50 ms")
        SobreBench.report("slow-provider-cpu", processor.seconds * 1e6 / Double(Self.messages), "µs/message")
    }
}
