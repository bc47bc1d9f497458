import ChildProcess
import Files
import JSON
import Signing
import SobreModel
import SobreSQLite
import SobreStore
import SobreStoreConformance
import Testing
import Text

@testable import SobreNode

@Suite("Events in files") struct EventExportTests {
    private static let start = Instant(rfc3339: "2026-01-01T10:15:00Z")!
    private static let retention = Duration.seconds(30 * 86_400)

    /// A store with messages in several hours, and a folder for its export.
    private static func run(
        _ body: (_ store: SQLiteStore, _ time: VirtualTime, _ folder: String) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            let time = VirtualTime(start)
            let store = try SQLiteStore.open(directory: directory, time: time)
            do { try await body(store, time, "\(directory)/export") } catch {
                await store.close()
                throw error
            }
            await store.close()
        }
    }

    private static func enqueue(_ store: SQLiteStore, _ count: Int) async throws {
        _ = try await store.enqueue(
            (0..<count).map {
                Submission(draft: MessageDraft(recipient: "p\($0)", template: "t", channels: [.email]))
            })
    }

    private static func ids(_ bytes: [UInt8]) throws -> [String] {
        try String(decoding: bytes, as: UTF8.self).split(separator: "\n").map {
            try #require(try JSONDocument.parse(String($0)).root["id"]?.string)
        }
    }

    /// Checks the files against the manifest, and returns the ids of their events.
    private static func check(_ folder: String) throws -> [String] {
        var ids: [String] = []
        let manifest = try ExportManifest.read(folder)
        for file in manifest.files {
            let bytes = try TextFile.read("\(folder)/\(file.name)", atMost: 1 << 30)
            #expect(bytes.count == file.bytes && Hex.encode(Digest.sha256(bytes)) == file.sha256)
            let own = try Self.ids(bytes)
            #expect(own.count == file.events)
            ids += own
        }
        let kept = try Folder.names(in: folder).filter { $0.hasPrefix("events-") }
        #expect(kept == manifest.files.map(\.name).sorted(), "files that are not in the manifest")
        return ids
    }

    private static func logged(_ store: SQLiteStore, before end: Instant) async throws -> [String] {
        let rows = try await store.log(LogQuery(direction: .forward(after: nil), limit: 100_000)).rows
        return rows.filter { $0.entry.at < end }.map { "\($0.entry.delivery).\($0.entry.sequence)" }
    }

    @Test func `only hours that are over are written, each event once over several runs`() async throws {
        try await Self.run { store, time, folder in
            let export = try EventExport(to: folder, compression: .none, path: "", retention: Self.retention)
            try await Self.enqueue(store, 700)
            #expect(try await export.run(store, now: time.now()) == EventExport.Report())
            time.set(Instant(rfc3339: "2026-01-01T11:00:30Z")!)
            try await Self.enqueue(store, 3)
            #expect(try await export.run(store, now: time.now()).files == 0, "its last entries may still come")
            time.set(Instant(rfc3339: "2026-01-01T11:01:00Z")!)
            let first = try await export.run(store, now: time.now())
            let eleven = try #require(Instant(rfc3339: "2026-01-01T11:00:00Z"))
            #expect(first == EventExport.Report(files: 1, events: 700, until: eleven))
            #expect(try await export.run(store, now: time.now()).files == 0)
            // Two hours with entries, one without, and the present one.
            time.set(Instant(rfc3339: "2026-01-01T12:30:00Z")!)
            try await Self.enqueue(store, 5)
            time.set(Instant(rfc3339: "2026-01-01T14:10:00Z")!)
            try await Self.enqueue(store, 7)
            let second = try await export.run(store, now: time.now())
            #expect(second.files == 2 && second.events == 8)
            #expect(
                try ExportManifest.read(folder).files.map(\.name) == [
                    "events-2026-01-01T10.ndjson", "events-2026-01-01T11.ndjson", "events-2026-01-01T12.ndjson",
                ])
            #expect(
                try await Self.check(folder)
                    == Self.logged(store, before: #require(Instant(rfc3339: "2026-01-01T14:00:00Z"))))
        }
    }

    @Test func `a run that was stopped leaves nothing that the next one does not replace`() async throws {
        try await Self.run { store, time, folder in
            let export = try EventExport(to: folder, compression: .none, path: "", retention: Self.retention)
            try await Self.enqueue(store, 20)
            time.advance(by: .seconds(3_600))
            try await Self.enqueue(store, 20)
            time.advance(by: .seconds(3_600))
            _ = try await export.run(store, now: time.now())
            // Stopped between the second file's name and its entry in the manifest, while the file after it was written.
            var manifest = try ExportManifest.read(folder)
            manifest.files.removeLast()
            try manifest.write(to: folder)
            try TextFile.create("\(folder)/events-2026-01-01T11.ndjson", with: Array("half".utf8))
            let again = try await export.run(store, now: time.now())
            #expect(again.files == 1 && again.events == 20)
            #expect(try await Self.check(folder) == Self.logged(store, before: time.now()))
        }
    }

    @Test func `an entry that comes late is in the next file, and none is written twice`() async throws {
        try await Self.run { store, time, folder in
            let export = try EventExport(to: folder, compression: .none, path: "", retention: Self.retention)
            try await Self.enqueue(store, 2)
            _ = try await export.run(store, now: Self.start + .seconds(3_600))
            try await Self.enqueue(store, 3)
            #expect(try await export.run(store, now: Self.start + .seconds(3_600)).files == 0)
            #expect(try await export.run(store, now: Self.start + .seconds(7_200)).events == 3)
            #expect(try ExportManifest.read(folder).files.last?.name == "events-2026-01-01T11.ndjson")
            #expect(try await Self.check(folder) == Self.logged(store, before: .distantFuture))
        }
    }

    @Test
    func `events that were removed before they were exported are a gap, which is told once and stays in the manifest`()
        async throws
    {
        try await Self.run { store, time, folder in
            let export = try EventExport(to: folder, compression: .none, path: "", retention: Self.retention)
            try await Self.enqueue(store, 2)
            time.advance(by: .seconds(3_600))
            #expect(try await export.run(store, now: time.now()).gap == nil)
            let reached = try #require(Instant(rfc3339: "2026-01-01T11:00:00Z"))
            // On the last second everything since is still in the log.
            time.set(reached + Self.retention)
            #expect(try await export.run(store, now: time.now()).gap == nil)
            // Its hour has not ended a minute ago.
            let complete = time.now() - .seconds(3_600)
            time.advance(by: Self.retention + .seconds(7_200))
            let gap = complete..<(complete + .seconds(3 * 3_600))
            #expect(try await export.run(store, now: time.now()).gap == gap)
            #expect(try await export.run(store, now: time.now()).gap == nil)
            let manifest = try ExportManifest.read(folder)
            #expect(manifest.gaps == [ExportManifest.Gap(from: gap.lowerBound, until: gap.upperBound)])
            #expect(manifest.files.count == 1)
        }
    }

    @Test func `a damaged manifest, another export and a missing zstd are errors that say what to do`() async throws {
        try await Self.run { store, time, folder in
            let missing = #expect(throws: FileError.self) {
                try EventExport(to: folder, compression: .zstd, path: "/nonexistent", retention: Self.retention)
            }
            #expect(missing?.message.contains("apt-get install zstd") == true)
            let export = try EventExport(to: folder, compression: .none, path: "", retention: Self.retention)
            try Folder.make(folder)
            try TextFile.create("\(folder)/manifest.json", with: Array("{\"files\":[{}]}".utf8))
            let damaged = await #expect(throws: FileError.self) { try await export.run(store, now: time.now()) }
            #expect(damaged?.message.contains("is damaged") == true)
        }
    }

    private static let zstd = ["/usr/bin/zstd", "/usr/local/bin/zstd", "/bin/zstd"].first { TextFile.exists($0) }

    @Test(.enabled(if: zstd != nil, "Skipped: zstd is not installed (apt-get install zstd)."))
    func `a compressed file has the same events`() async throws {
        try await Self.run { store, time, folder in
            let path = try FilePath.folder(of: #require(Self.zstd))
            let export = try EventExport(to: folder, compression: .zstd, path: path, retention: Self.retention)
            try await Self.enqueue(store, 700)
            _ = try await export.run(store, now: time.now() + .seconds(7_200))
            let file = try #require(try ExportManifest.read(folder).files.first)
            #expect(file.name == "events-2026-01-01T10.ndjson.zst")
            let compressed = try TextFile.read("\(folder)/\(file.name)", atMost: 1 << 20)
            #expect(Hex.encode(Digest.sha256(compressed)) == file.sha256 && compressed.count == file.bytes)
            let plain = "\(folder)/plain"
            let process = try ChildProcess(
                path: #require(Self.zstd), arguments: ["-q", "-d", "-o", plain, "\(folder)/\(file.name)"])
            #expect(process.wait(atMost: .seconds(30)) == .exited(code: 0))
            #expect(
                try await Self.ids(TextFile.read(plain, atMost: 1 << 30)) == Self.logged(store, before: .distantFuture))
            #expect(try Folder.names(in: folder).filter { $0.hasSuffix(".new") } == [])
        }
    }
}
