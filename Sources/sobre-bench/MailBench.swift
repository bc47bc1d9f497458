import ChildProcess
import Glibc
import TestBed

/// Mails a second through one relay, from enqueue to recorded, beside Postfix's own `smtp-source`.
///
/// Both hand 5 KB mails to the same `smtp-sink`, over as many connections, and keep these open. `smtp-source` makes its
/// mails from nothing; for the line accepting, rendering, deciding and recording are included.
struct MailBench {
    let executable: String
    let messages: Int

    private static let source = "/usr/sbin/smtp-source"
    private static let bytes = 5 << 10
    private static let people = 10_000
    private static let rounds = 3

    func run() async throws {
        guard MailSink.isInstalled, access(Self.source, X_OK) == 0 else {
            print("smtp: skipped, because smtp-source and smtp-sink are not installed; they are in Debian's postfix")
            return
        }
        for connections in [1, 8, 32] {
            var sources: [Double] = []
            var lines: [Double] = []
            var processor: [Double] = []
            for _ in 0..<Self.rounds {
                sources.append(try bySource(connections))
                let line = try await throughLine(connections)
                lines.append(line.rate)
                processor.append(line.microseconds)
            }
            let (source, line) = (SobreBench.median(sources), SobreBench.median(lines))
            print("\(connections) connections; smtp-source: \(sources.map { Int($0) }), line: \(lines.map { Int($0) })")
            SobreBench.report("smtp-source-\(connections)", source, "mails/s")
            SobreBench.report(
                "smtp-\(connections)", line, "mails/s", ratio: line / source, base: "smtp-source-\(connections)")
            SobreBench.report("smtp-\(connections)-cpu", SobreBench.median(processor), "µs/mail")
        }
    }

    private func bySource(_ connections: Int) throws -> Double {
        let folder = try Files.temporaryFolder("mail-source")
        defer { BenchFolder.remove(folder) }
        let sink = try MailSink(folder: "\(folder)/sink", records: false)
        defer { sink.stop() }
        let begun = ContinuousClock.now
        let process = try ChildProcess(
            path: Self.source,
            arguments: [
                "-d", "-s", "\(connections)", "-m", "\(messages)", "-l", "\(Self.bytes)", "-f", "a@shop.example", "-t",
                "b@people.example", "inet:127.0.0.1:\(sink.port)",
            ], errors: .file("\(folder)/errors"))
        guard process.wait(atMost: .seconds(300)) == .exited(code: 0) else {
            process.signal(SIGKILL)
            throw TestBed.Failure("smtp-source failed: \(Files.read("\(folder)/errors") ?? "")")
        }
        return Double(messages) / ((ContinuousClock.now - begun) / .seconds(1))
    }

    private func throughLine(_ connections: Int) async throws -> (rate: Double, microseconds: Double) {
        let bed = try TestBed(executable: executable, folder: try Files.temporaryFolder("mail-line"))
        defer { BenchFolder.remove(bed.folder) }
        let sink = try MailSink(folder: "\(bed.folder)/sink", records: false)
        defer { sink.stop() }
        try bed.writeConfiguration(policy: "caps: []", relay: sink.port)
        try bed.changeSettings([
            (
                "    limits: {rate: 1000000/s, burst: 100000}\n",
                "    limits: {concurrency: \(connections)}\n"
            ),
            ("server: {port: 0}", "server: {port: 0}\nmail_client: {max_connections_per_relay: \(connections)}"),
        ])
        let line = String(repeating: "Thank you for your order. ", count: 3)
        let text = Array(repeating: line, count: Self.bytes / (line.utf8.count + 1)).joined(separator: "\n")
        try Files.write("Order {{ order_id }}\n\(text)", to: "\(bed.folder)/templates/offer/email.text.liquid")
        try bed.startServer(environment: TestBed.secrets)
        defer { bed.stopServer() }
        try await bed.putProfiles(count: Self.people)
        let batches = OfferBatch(name: "mail", channel: "email").batches(of: messages, people: Self.people)
        let processor = ProcessMeter(bed.server!.processID)
        let begun = ContinuousClock.now
        try await bed.enqueue(batches)
        try await bed.waitUntilSettled(messages)
        let seconds = (ContinuousClock.now - begun) / .seconds(1)
        return (Double(messages) / seconds, processor.seconds * 1e6 / Double(messages))
    }
}
