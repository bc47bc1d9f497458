public import Files
import Glibc
public import SobreModel
public import SobreStore

/// Writes the delivery log to files, one for each hour, with a manifest.
///
/// Only hours that are over are written, each once. A file gets its name when it is complete and on the disk, and is then
/// entered in the manifest. After a stop at any time the next export goes on after the last file of the manifest, so the
/// files together have each event exactly once.
public struct EventExport: Sendable {
    /// How files are compressed.
    public enum Compression: String, CaseIterable, Sendable {
        case none
        /// By the program `zstd`.
        case zstd
    }

    /// What an export has written.
    public struct Report: Hashable, Sendable {
        public var files = 0
        public var events = 0
        /// Up to when events were written; nil: there were none yet.
        public var until: Instant?
        /// A time since the last export whose events may have been removed before this one; nil: there is none.
        public var gap: Range<Instant>?
    }

    private let folder: String
    private let retention: Duration
    private let zstd: String?
    private static let hour: Int64 = 3_600_000
    /// How long after its end an hour is complete: the entries of the last transactions are in the log by then.
    private static let grace = Duration.seconds(60)
    private static let page = 500

    /// - Parameters:
    ///   - folder: where the files are written. It is created.
    ///   - compression: how they are compressed.
    ///   - path: the folders in which `zstd` is looked for, with colons between.
    ///   - retention: how long the log keeps the events of a finished message.
    /// - Throws: ``FileError`` when `zstd` is not installed.
    public init(
        to folder: String, compression: Compression, path: String, retention: Duration
    ) throws(FileError) {
        self.folder = folder
        self.retention = retention
        guard compression == .zstd else {
            zstd = nil
            return
        }
        let places: [String] = path.split(separator: ":").map { "\($0)/zstd" }
        guard let found = places.first(where: { access($0, X_OK) == 0 }) else {
            throw FileError(
                "The program zstd is not installed. Install it (apt-get install zstd), or export with --compress none.")
        }
        zstd = found
    }

    /// Writes the hours that are complete and were not written before.
    ///
    /// - Parameters:
    ///   - log: has the events.
    ///   - now: an hour is complete when it has ended a minute before.
    ///   - progress: called after each page with the number of events written.
    /// - Returns: what was written.
    /// - Throws: ``FileError`` when a file cannot be written, or another export writes to the folder; `StoreError` when
    ///   the log cannot be read.
    public func run(_ log: any LogStore, now: Instant, progress: (Int) -> Void = { _ in }) async throws -> Report {
        try Folder.make(folder)
        let lock = try lock()
        defer { close(lock) }
        var manifest = try ExportManifest.read(folder)
        let end = Self.hour(of: now - Self.grace)
        var report = Report()
        report.gap = try enterGap(before: now - retention, in: &manifest)
        var current: ExportFile?
        var after = manifest.files.last?.lastCursor
        // An entry that came late is in the file of a later hour.
        var earliest = manifest.files.last.map { $0.hour.milliseconds + Self.hour } ?? 0
        reading: while true {
            let page = try await log.log(LogQuery(direction: .forward(after: after), limit: Self.page))
            for row in page.rows {
                let hour = max(Self.hour(of: row.entry.at), earliest)
                guard hour < end else { break reading }
                if let file = current, file.hour.milliseconds < hour {
                    try enter(file, in: &manifest, &report)
                    current = nil
                }
                let file = try current ?? ExportFile(Instant(milliseconds: hour), in: folder)
                current = file
                earliest = hour
                try file.append(row)
            }
            progress(report.events + (current?.events ?? 0))
            if page.rows.count < Self.page { break }
            after = page.next
        }
        if let current { try enter(current, in: &manifest, &report) }
        if manifest.completeUntil.map({ $0.milliseconds < end }) ?? true {
            manifest.completeUntil = Instant(milliseconds: end)
            try manifest.write(to: folder)
        }
        report.until = manifest.files.last.map { $0.hour + .seconds(3_600) }
        return report
    }

    /// Enters in the manifest what may be missing: events after the last export whose retention is over.
    ///
    /// It moves the manifest's end past the gap, so that a run that is stopped does not make the next one enter it twice.
    private func enterGap(
        before removed: Instant, in manifest: inout ExportManifest
    ) throws -> Range<Instant>? {
        guard let reached = manifest.completeUntil, reached < removed else { return nil }
        manifest.gaps.append(ExportManifest.Gap(from: reached, until: removed))
        manifest.completeUntil = removed
        try manifest.write(to: folder)
        return reached..<removed
    }

    private func enter(_ file: ExportFile, in manifest: inout ExportManifest, _ report: inout Report) throws {
        manifest.files.append(try file.finish(zstd: zstd))
        try manifest.write(to: folder)
        report.files += 1
        report.events += file.events
    }

    private static func hour(of instant: Instant) -> Int64 {
        let rest = instant.milliseconds % hour
        return instant.milliseconds - (rest < 0 ? rest + hour : rest)
    }

    /// Locks the folder until the descriptor is closed, also by the end of the process.
    private func lock() throws(FileError) -> Int32 {
        let path = "\(folder)/.lock"
        let lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else { throw FileError("write", path, errno) }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            close(lock)
            throw FileError("Another export is writing to \(folder). Wait for its end, or choose another folder.")
        }
        return lock
    }
}
