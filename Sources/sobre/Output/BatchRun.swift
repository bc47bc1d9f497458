import ArgumentParser
import Files
import JSON
import SobreIntake
import SobreModel
import RecordFiles
import SobreClient
import SobreNode
import SobreSettings
import SobreViews
import TerminalOutput

/// Imports an NDJSON or CSV file block by block, with a progress bar, through the server or into the store.
struct BatchRun {
    let kind: ServerClient.Batch
    let backend: Backend
    /// Longer lines are rejected.
    let maxLineBytes: Int
    /// The idempotency key of the whole file, so that it can be sent again. Each line's key is `KEY#LINE`.
    var idempotencyKey: String?
    /// Attached to every message; nil: no files.
    var files: AttachedFiles?

    /// Imports a whole file, prints the report, and exits with its status unless all lines were accepted.
    static func command(
        _ kind: ServerClient.Batch, file: String, access: StoreAccess, nouns: (one: String, many: String),
        format: OutputFormat, creation: CreationOptions, idempotencyKey: String? = nil,
        files: AttachedFiles? = nil
    ) async throws {
        creation.announce(access)
        let report = try await access.change(creating: creation.create) { backend in
            try await BatchRun(
                kind: kind, backend: backend, maxLineBytes: access.settings.intake.maxLineBytes,
                idempotencyKey: idempotencyKey, files: files
            ).run(file)
        }
        let status = report.show(nouns, from: file, taken: kind.participle, format: format)
        if status != .success { throw ExitCode(status.rawValue) }
    }

    func run(_ path: String) async throws -> BatchReport {
        var report = BatchReport()
        if path.lowercased().hasSuffix(".csv") {
            let file = try InputFile(path)
            var csv = CSVLines(maxRecordBytes: maxLineBytes, columns: kind.columns)
            try await reading(file.size, &report) { report, bar in
                var piece: [UInt8]?
                repeat {
                    piece = try file.next()
                    let block = csv.block(of: piece)
                    if let fault = block.fault {
                        throw CommandFailure(.data, "\(path), line \(fault.line): \(fault.sentence)")
                    }
                    for fault in block.broken { report.refuse(line: fault.line, fault.sentence) }
                    try await take(block.lines, into: &report)
                    report.name(records: block.records)
                    bar.update(file.position, note: "\(report.total) records")
                } while piece != nil
            }
        } else {
            let feed = try NDJSONInput(path, maxLineBytes: maxLineBytes)
            try await reading(feed.size, &report) { report, bar in
                while let lines = try feed.next() {
                    try await take(lines, into: &report)
                    bar.update(feed.position, note: "\(report.total) lines")
                }
            }
        }
        return report
    }

    /// Reads a file to its end with a progress bar. On an error, prints how many lines had been stored before.
    private func reading(
        _ size: Int?, _ report: inout BatchReport, _ body: (inout BatchReport, inout ProgressBar) async throws -> Void
    ) async throws {
        var bar = ProgressBar(kind.verb, total: size)
        do {
            try await body(&report, &bar)
        } catch {
            bar.clear()
            if report.total > 0 {
                Console.printError("\(report.accepted + report.replayed) lines were stored before this error:")
            }
            throw error
        }
        bar.clear()
    }

    private func take(_ lines: NDJSONLines, into report: inout BatchReport) async throws {
        guard let files else { return try await hand(lines, into: &report) }
        // One message at a time: with its files it may be as large as a whole batch.
        for line in lines {
            guard let bytes = line.isTooLong ? Array(lines.bytes[line.range]) : files.added(to: lines.bytes[line.range])
            else {
                report.refuse(
                    line: line.number,
                    "The message has \"attachments\" of its own. Import it without --attach, or remove them.")
                continue
            }
            try await hand(
                NDJSONLines(bytes, firstLine: line.number, maxLineBytes: maxLineBytes), into: &report)
        }
    }

    private func hand(_ lines: NDJSONLines, into report: inout BatchReport) async throws {
        switch (backend, kind) {
        case (.store(_, let intake), .messages):
            report.add(await intake.enqueue(lines, idempotencyKey: idempotencyKey))
        case (.store(_, let intake), .profiles): report.add(await intake.importProfiles(lines))
        case (.store(_, let intake), .consents):
            report.add(await intake.takeConsents(lines, now: SystemTime().now()))
        case (.store(_, let intake), .suppressions):
            report.add(await intake.takeSuppressions(lines, now: SystemTime().now()))
        case (.server(let client), _): try await send(lines, over: client, into: &report)
        }
    }

    private func send(_ lines: NDJSONLines, over client: ServerClient, into report: inout BatchReport) async throws {
        // Lines that are too long are rejected here, because the block holds only their beginning.
        var body: [UInt8] = []
        body.reserveCapacity(lines.bytes.count)
        var next = lines.firstLine
        for line in lines {
            while next < line.number {
                body.append(0x0A)
                next += 1
            }
            if line.isTooLong {
                report.refuse(
                    line: line.number, "The line is longer than \(lines.maxLineBytes) bytes. Send less data with it.")
            } else {
                body += lines.bytes[line.range]
            }
            body.append(0x0A)
            next += 1
        }
        guard body.contains(where: { $0 != 0x0A }) else { return }
        report.add(
            try await client.hand(in: body, as: kind, firstLine: lines.firstLine, idempotencyKey: idempotencyKey))
    }
}

extension ServerClient.Batch {
    /// The past participle for accepted entries.
    fileprivate var participle: String { self == .messages ? "accepted" : "stored" }

    /// The names that columns of a CSV file can have.
    fileprivate var columns: [String] {
        switch self {
        case .messages: BatchColumns.messages
        case .profiles: BatchColumns.profiles
        case .consents: BatchColumns.consents
        case .suppressions: BatchColumns.suppressions
        }
    }

    fileprivate var verb: String { self == .messages ? "Enqueueing" : "Importing" }
}

extension BatchReport {
    /// Prints the report and returns the exit status.
    func show(_ nouns: (one: String, many: String), from name: String, taken: String, format: OutputFormat)
        -> ExitStatus
    {
        if format == .json {
            Console.print(bytes: json(taken: taken))
            return status
        }
        let terminal = Terminal.standardError
        for refusal in refusals {
            Console.printError(
                "\(Style.bad.paint(refusal.place, on: terminal)): \(Console.harmless(refusal.text))")
        }
        let hidden = refused + notStored - refusals.count
        if hidden > 0 { Console.printError("… and \(hidden) more.") }
        var parts = ["\(accepted) \(accepted == 1 ? nouns.one : nouns.many) \(taken)"]
        if replayed > 0 { parts.append("\(replayed) accepted before") }
        if refused > 0 { parts.append("\(refused) rejected: fix and send only these lines again") }
        if notStored > 0 { parts.append("\(notStored) not stored: send them again") }
        if total == 0 { parts = ["\(name) has no lines"] }
        Console.print(parts.joined(separator: ", ") + ".")
        return status
    }
}
