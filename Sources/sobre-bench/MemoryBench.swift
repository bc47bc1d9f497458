import ChildProcess
import Glibc
import JSON
import TestBed

/// The memory of one node under what could make it grow: idle connections, large batches, and a long delivery log.
/// ``BacklogBench`` measures the messages that wait.
///
/// Each part runs in a server of its own, so that one part's memory is not counted in the next.
struct MemoryBench {
    let executable: String
    /// Messages of the log's part: a week of 100,000 a day.
    let logged: Int

    /// No part may take more.
    private static let mostMB = 200.0
    private static let connections = 10_000
    /// `server.max_batch_body` as shipped.
    private static let batchBytes = 16 << 20
    private static let people = 10_000
    private static let sent = 100_000

    func run() async throws {
        try await idleConnections()
        try await largeBatches()
        try await weekOfLog()
    }

    private static let roomForConnections = ["max_connections", "max_unknown_connections", "max_connections_per_peer"]
        .map { "\($0): \(connections + 100)" }.joined(separator: ", ")

    private func idleConnections() async throws {
        Flood.raiseLimit(to: Self.connections + 1_024)
        try await withServer("connections", server: Self.roomForConnections) { bed, meter in
            let before = meter.residentMB.now
            let idle = try IdleConnections(port: bed.serverPort, count: Self.connections)
            try await Task.sleep(for: .seconds(2))
            let during = meter.residentMB.now
            let open = try await openConnections(bed)
            idle.close()
            try await Task.sleep(for: .seconds(2))
            print(
                "\(open) idle connections: \(before) MB before, \(during) MB during, \(meter.residentMB.now) MB after")
            guard open >= Self.connections else {
                throw TestBed.Failure("only \(open) of \(Self.connections) connections were open")
            }
            report("idle-connections", meter)
        }
    }

    private func largeBatches() async throws {
        for together in [1, 4] {
            try await withServer("batch") { bed, meter in
                let before = meter.residentMB.now
                let client = bed.client
                let url = bed.serverURL
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<together {
                        let batch = Self.batch("batch-\(number)")
                        group.addTask { try await client.enqueue(batch, at: url) }
                    }
                    try await group.waitForAll()
                }
                print(
                    "\(together) batches of 16 MiB at once: \(before) MB before, \(meter.residentMB.peak) MB at the "
                        + "highest, \(meter.residentMB.now) MB after")
                report("batches-of-16-MiB-\(together)", meter)
            }
        }
    }

    /// A batch as large as `server.max_batch_body` allows, of nearly as many messages as `server.max_batch` allows: they
    /// have long keys.
    private static func batch(_ name: String) -> [UInt8] {
        let offers = OfferBatch(name: name + String(repeating: "-", count: 85))
        var batch: [UInt8] = []
        var number = 0
        while true {
            let lines = offers.lines(number..<number + 100) { TestBed.person($0 % Self.people) }
            guard batch.count + lines.count <= batchBytes else { return batch }
            batch += lines
            number += 100
        }
    }

    private func weekOfLog() async throws {
        let sink = try LeanSink.start(program: CommandLine.arguments[0])
        defer { sink.stop() }
        try await withServer("log", sink: sink.port) { bed, meter in
            for start in stride(from: 0, to: logged, by: Self.sent) {
                let range = start..<min(start + Self.sent, logged)
                _ = try await LineRun(bed: bed, people: Self.people).send(range)
            }
            report("log-while-sending", meter)
            bed.stopServer()
            try bed.startServer(environment: TestBed.secrets)
            let reading = ProcessMeter(bed.server!.processID)
            let entries = try await readLog(bed)
            print("\(entries) log entries of \(logged) messages were read; \(reading.residentMB.now) MB after")
            report("log-while-read", reading)
        }
    }

    /// Reads the whole delivery log, page by page.
    ///
    /// - Returns: the number of its entries.
    private func readLog(_ bed: TestBed) async throws -> Int {
        var entries = 0
        var after = "0"
        while true {
            let page = try await bed.page("/v1/log?limit=1000&after=\(after)")
            guard let rows = page["entries"] else { throw TestBed.Failure("a page of the log has no entries") }
            entries += rows.count
            guard let next = page["next_after"]?.string, rows.count > 0 else { return entries }
            after = next
        }
    }

    private func openConnections(_ bed: TestBed) async throws -> Int {
        try await bed.page("/v1/status")["http"]?["connections"]?.int ?? 0
    }

    /// Runs `body` beside a new server with profiles. Without a sink, the provider refuses connections.
    private func withServer(
        _ name: String, sink: Int = 9, server: String? = nil,
        _ body: (TestBed, ProcessMeter) async throws -> Void
    ) async throws {
        let bed = try TestBed(executable: executable, folder: try Files.temporaryFolder("memory-\(name)"))
        defer { BenchFolder.remove(bed.folder) }
        try bed.writeConfiguration(capLimit: 1_000, capWindow: "1d", resendAfter: "30s", sink: sink)
        if let server { try bed.changeSettings("server: {port: 0}", to: "server: {port: 0, \(server)}") }
        try bed.startServer(environment: TestBed.secrets)
        defer { bed.stopServer() }
        try await bed.putProfiles(count: Self.people)
        try await body(bed, ProcessMeter(bed.server!.processID))
    }

    private func report(_ name: String, _ meter: ProcessMeter) {
        let peak = Double(meter.residentMB.peak)
        SobreBench.report("memory-\(name)", peak, "MB", ratio: peak / Self.mostMB, base: "200 MB")
    }
}

extension TestBed {
    /// Replaces a line of the settings.
    fileprivate func changeSettings(_ line: String, to replacement: String) throws {
        let path = "\(folder)/sobre.yaml"
        let lines = (Files.read(path) ?? "").split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.contains(line[...]) else { throw Failure("the settings have no line \(line)") }
        try Files.write(lines.map { $0 == line ? replacement : String($0) }.joined(separator: "\n"), to: path)
    }

    /// A response of the API, which must be 200.
    fileprivate func page(_ path: String) async throws -> JSONRef {
        let answer = await client.send("GET", "\(serverURL)\(path)")
        guard let answer, answer.status == 200 else {
            throw Failure("\(path) was answered \(answer?.status ?? 0): \(answer?.text.prefix(300) ?? "")")
        }
        return try answer.json()
    }
}
