import TestBed

/// The line's pace on a store with many messages, beside its pace on an empty store: one server, which fills its store
/// itself. Each pace is divided by that of a bare libcurl loop at the same time, because a machine's speed varies.
struct GrowthBench {
    let executable: String
    /// Messages in the store at the second measurement.
    let rows: Int
    /// Messages of one round.
    let messages: Int

    private static let messagesAPerson = 20
    private static let connections = 32
    private static let rounds = 3

    private struct Pace {
        let line: Double
        /// Divided by the bare loop's.
        let share: Double
    }

    func run() async throws {
        let sink = try LeanSink.start(program: CommandLine.arguments[0])
        defer { sink.stop() }
        let bed = try TestBed(executable: executable, folder: try Files.temporaryFolder("growth"))
        defer { BenchFolder.remove(bed.folder) }
        try bed.writeConfiguration(capLimit: 1_000, capWindow: "1d", resendAfter: "30s", sink: sink.port)
        try bed.startServer(environment: TestBed.secrets)
        defer { bed.stopServer() }
        let people = max(1, rows / Self.messagesAPerson)
        try await bed.putProfiles(count: people)
        let line = LineRun(bed: bed, people: people)
        let empty = try await pace(line, from: 0, sink)
        var filled = Self.rounds * messages
        while filled < rows {
            let end = min(filled + 500_000, rows)
            print("\(filled) messages are in; further ones at \(Int(try await line.send(filled..<end)))/s")
            filled = end
        }
        let full = try await pace(line, from: filled, sink)
        print("\(BenchFolder.size(of: "\(bed.folder)/data") >> 20) MB on the disk")
        SobreBench.report(
            "line-empty", empty.line, "messages/s", ratio: empty.share, base: "bare-libcurl-loop")
        SobreBench.report(
            "line-at-\(filled)", full.line, "messages/s", ratio: full.share, base: "bare-libcurl-loop")
        SobreBench.report(
            "growth", full.share, "of the bare loop", ratio: full.share / empty.share, base: "line-empty")
    }

    /// The medians of some rounds, each beside a bare loop.
    private func pace(_ line: LineRun, from first: Int, _ sink: LeanSinkProcess) async throws -> Pace {
        var lines: [Double] = []
        var shares: [Double] = []
        for round in 0..<Self.rounds {
            let bare = try BareLoop.run(url: sink.url(), count: messages, connections: Self.connections)
            let start = first + round * messages
            lines.append(try await line.send(start..<start + messages))
            shares.append(lines[round] / bare.messagesPerSecond)
        }
        print("from \(first) messages on: \(lines.map { Int($0) }) messages/s")
        return Pace(line: lines.sorted()[Self.rounds / 2], share: shares.sorted()[Self.rounds / 2])
    }
}
