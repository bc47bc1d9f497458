import Glibc
import SobreModel
import SobreSQLite
import SobreStore
import TestBed

/// The 99th percentile of a decision in the running server, from its `/metrics`, with a ledger of many rows.
///
/// The store is filled through its own protocol. Then the real server is started on it and receives messages over
/// HTTP for recipients all over the ledger.
struct RunningDecisionBench {
    let executable: String
    let rows: Int
    /// Where the filled store is kept, so that it can be measured again without refilling; nil discards it.
    var keptIn: String?

    private static let messages = 20_000
    private static let contactsAPerson = 20

    func run() async throws {
        let sink = try LeanSink.start(program: CommandLine.arguments[0])
        defer { sink.stop() }
        let bed = try TestBed(executable: executable, folder: try keptIn ?? Files.temporaryFolder("decision"))
        defer { if keptIn == nil { BenchFolder.remove(bed.folder) } }
        try bed.writeConfiguration(capLimit: 1_000, capWindow: "30d", resendAfter: "30s", sink: sink.port)
        let people = max(1, rows / Self.contactsAPerson)
        if BenchFolder.size(of: "\(bed.folder)/data") == 0 {
            let begun = ContinuousClock.now
            // Only a complete store gets the name under which it is found again.
            BenchFolder.remove("\(bed.folder)/filling")
            try await fill("\(bed.folder)/filling", people: people)
            guard rename("\(bed.folder)/filling", "\(bed.folder)/data") == 0 else {
                throw TestBed.Failure("cannot rename what was filled: \(String(cString: strerror(errno)))")
            }
            let filling = (ContinuousClock.now - begun) / .seconds(1)
            print(
                "\(rows) contacts of \(people) people: filled in \(SobreBench.format(filling, digits: 0)) s, "
                    + "\(BenchFolder.size(of: "\(bed.folder)/data") >> 20) MB on the disk")
        }
        try bed.startServer(environment: TestBed.secrets)
        defer { bed.stopServer() }
        try await send(bed, people: people)
        let histogram = try await histogram(bed)
        for bucket in histogram.buckets where bucket.count > 0 {
            print("  <= \(bucket.bound * 1e6) us: \(bucket.count) of \(histogram.count)")
            if bucket.count == histogram.count { break }
        }
        let p99 = histogram.quantile(0.99)
        SobreBench.report("decision-p99-at-\(rows)-contacts", p99 * 1e6, "us", ratio: p99 / 0.001, base: "1 ms")
    }

    private func fill(_ directory: String, people: Int) async throws {
        // Contacts end a minute ago, because the server's clock continues from there.
        let end = SystemTime().now() - .seconds(60)
        let clock = VirtualTime(end - .seconds(86_400 * Int64(LedgerFilling.days + 1)))
        let store = try SQLiteStore.open(directory: directory, time: clock)
        let filling = LedgerFilling(store: store, clock: clock, people: people)
        try await filling.putPeople()
        for start in stride(from: 0, to: rows, by: 1_000_000) {
            try await filling.fill(start..<min(start + 1_000_000, rows), of: rows, until: end)
            if rows > 1_000_000 { print("  \(min(start + 1_000_000, rows)) contacts are in") }
        }
        await store.close()
    }

    private func send(_ bed: TestBed, people: Int) async throws {
        let offers = OfferBatch(name: "decision", isKeyed: false)
        for start in stride(from: 0, to: Self.messages, by: 500) {
            let lines = offers.lines(start..<start + 500) { LedgerFilling.person($0 &* 7_919 % people) }
            try await bed.client.enqueue(lines, at: bed.serverURL)
        }
    }

    private struct Histogram {
        var buckets: [(bound: Double, count: Int)] = []
        var count = 0

        /// The quantile of all values, computed like Prometheus' `histogram_quantile`: the values within a bucket are
        /// assumed to be evenly distributed.
        func quantile(_ share: Double) -> Double {
            let rank = share * Double(count)
            var lower = (bound: 0.0, count: 0)
            for bucket in buckets {
                if Double(bucket.count) >= rank {
                    let part = (rank - Double(lower.count)) / Double(max(bucket.count - lower.count, 1))
                    return lower.bound + (bucket.bound - lower.bound) * part
                }
                lower = bucket
            }
            return .infinity
        }
    }

    /// Waits until every message was decided, and reads the durations.
    private func histogram(_ bed: TestBed) async throws -> Histogram {
        let deadline = ContinuousClock.now + .seconds(300)
        while ContinuousClock.now < deadline {
            let text = await bed.client.send("GET", "\(bed.serverURL)/metrics")?.text ?? ""
            var histogram = Histogram()
            for line in text.split(separator: "\n") where line.hasPrefix("sobre_decision_seconds") {
                guard let value = line.split(separator: " ").last.flatMap({ Int($0) }) else { continue }
                if line.hasPrefix("sobre_decision_seconds_count") { histogram.count = value }
                guard let label = line.split(separator: "\"").dropFirst().first, let bound = Double(label) else {
                    continue
                }
                histogram.buckets.append((bound, value))
            }
            if histogram.count >= Self.messages { return histogram }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw TestBed.Failure("not everything was decided within five minutes")
    }
}
