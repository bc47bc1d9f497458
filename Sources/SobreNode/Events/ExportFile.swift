import ChildProcess
import Files
import JSON
import Signing
import SobreModel
import SobreStore
import SobreWire
import Text

/// The file of one hour, while it is written.
final class ExportFile {
    let hour: Instant
    private(set) var events = 0
    private let folder: String
    private let name: String
    private let file: DurableFile
    private var first: LogCursor?
    private var last: LogCursor?
    private var pending: [UInt8] = []

    /// The bytes that are written at once.
    private static let chunk = 256 << 10
    /// What compressing the events of an hour may take.
    private static let compressionTime = Duration.seconds(3_600)

    init(_ hour: Instant, in folder: String) throws(FileError) {
        self.hour = hour
        self.folder = folder
        name = "events-\(hour.rfc3339.prefix(13)).ndjson"
        file = try DurableFile("\(folder)/\(name)")
    }

    func append(_ row: LogRow) throws(FileError) {
        var writer = JSONWriter(appendingTo: pending)
        pending = []
        Wire.write(row, to: &writer)
        writer.newline()
        pending = writer.take()
        first = first ?? row.cursor
        last = row.cursor
        events += 1
        if pending.count >= Self.chunk { try flush() }
    }

    private func flush() throws(FileError) {
        try file.write(pending)
        pending = []
    }

    /// Completes the file and gives it its name.
    ///
    /// - Parameter zstd: the program that compresses it; nil: it is not compressed.
    /// - Returns: its entry for the manifest.
    /// - Throws: ``FileError`` when it cannot be written or compressed.
    func finish(zstd: String?) throws(FileError) -> ExportManifest.File {
        try flush()
        try file.sync()
        var name = name
        var finished = file.temporaryPath
        if let zstd {
            name += ".zst"
            let compressed = "\(folder)/\(name).new"
            try Self.compress(finished, to: compressed, by: zstd)
            _ = TextFile.remove(finished)
            finished = compressed
        }
        let digest = RunningDigest()
        let input = try InputFile(finished)
        while let chunk = try input.next() { digest.update(chunk) }
        try DurableFile.rename(finished, to: "\(folder)/\(name)")
        // An hour without entries has no file, so there is a first one.
        return ExportManifest.File(
            name: name, hour: hour, events: events, bytes: input.position, sha256: Hex.encode(digest.finish()),
            firstCursor: first!, lastCursor: last!)
    }

    private static func compress(_ path: String, to compressed: String, by zstd: String) throws(FileError) {
        let process: ChildProcess
        do {
            process = try ChildProcess(path: zstd, arguments: ["-q", "-f", "-o", compressed, "--", path])
        } catch { throw FileError("\(path) cannot be compressed: \(error)") }
        guard process.wait(atMost: compressionTime) == .exited(code: 0) else {
            process.signal(9)
            _ = process.poll()
            throw FileError("\(zstd) failed to compress \(path). Export with --compress none, or try again.")
        }
        try DurableFile.sync(compressed)
    }
}
