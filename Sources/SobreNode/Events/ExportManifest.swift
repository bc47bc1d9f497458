import Files
import JSON
import SobreModel
import SobreStore

/// What an export of events has written: the content of `manifest.json`, which names only complete files.
struct ExportManifest: Hashable, Sendable {
    /// One file: the events of one hour.
    struct File: Hashable, Sendable {
        /// In the folder of the manifest.
        var name: String
        /// The beginning of the hour.
        var hour: Instant
        var events: Int
        /// Of the file as it is, compressed or not.
        var bytes: Int
        /// Of the same, in hexadecimal digits.
        var sha256: String
        var firstCursor: LogCursor
        var lastCursor: LogCursor
    }

    /// A time whose events may be missing: they were removed from the log before they were exported.
    struct Gap: Hashable, Sendable {
        var from: Instant
        var until: Instant
    }

    /// In the order of the log. Together they are all of it up to ``completeUntil``, but for the ``gaps``.
    var files: [File] = []
    /// The end of the last hour that an export has looked at; nil before the first.
    var completeUntil: Instant?
    var gaps: [Gap] = []

    static let fileName = "manifest.json"

    /// Reads the manifest of a folder; empty when there is none.
    static func read(_ folder: String) throws -> ExportManifest {
        let path = "\(folder)/\(fileName)"
        guard TextFile.exists(path) else { return ExportManifest() }
        let text = try TextFile.read(path, atMost: 64 << 20)
        guard let root = try? JSONDocument.parse(text, limits: JSONLimits(maxBytes: 64 << 20)).root,
            let items = root["files"]
        else { throw FileError("\(path) is not a manifest of an export; choose another folder.") }
        var manifest = ExportManifest()
        for item in items.elements {
            guard let name = item["name"]?.string, let hour = item["hour"]?.string.flatMap({ Instant(rfc3339: $0) }),
                let first = item["first_cursor"]?.string.flatMap({ LogCursor($0) }),
                let last = item["last_cursor"]?.string.flatMap({ LogCursor($0) })
            else { throw FileError("\(path) is damaged; restore it, or export to another folder.") }
            manifest.files.append(
                File(
                    name: name, hour: hour, events: item["events"]?.int ?? 0, bytes: item["bytes"]?.int ?? 0,
                    sha256: item["sha256"]?.string ?? "", firstCursor: first, lastCursor: last))
        }
        manifest.completeUntil =
            root["complete_until"]?.string.flatMap { Instant(rfc3339: $0) }
            ?? manifest.files.last.map { $0.hour + .seconds(3_600) }
        for item in root["gaps"].map({ Array($0.elements) }) ?? [] {
            guard let from = item["from"]?.string.flatMap({ Instant(rfc3339: $0) }),
                let until = item["until"]?.string.flatMap({ Instant(rfc3339: $0) })
            else { throw FileError("\(path) is damaged; restore it, or export to another folder.") }
            manifest.gaps.append(Gap(from: from, until: until))
        }
        return manifest
    }

    func write(to folder: String) throws {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("format")
            writer.value("sobre.events.1")
            writer.key("files")
            writer.array { writer in
                for file in files {
                    Self.write(file, to: &writer)
                }
            }
            writer.member("complete_until", ifPresent: completeUntil?.rfc3339)
            if !gaps.isEmpty {
                writer.key("gaps")
                writer.array { writer in
                    for gap in gaps {
                        writer.object { writer in
                            writer.member("from", gap.from.rfc3339)
                            writer.member("until", gap.until.rfc3339)
                        }
                    }
                }
            }
        }
        writer.newline()
        let file = try DurableFile("\(folder)/\(Self.fileName)")
        try file.write(writer.take())
        try file.finish()
    }

    private static func write(_ file: File, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("name")
            writer.value(file.name)
            writer.key("hour")
            writer.value(file.hour.rfc3339)
            writer.key("events")
            writer.value(file.events)
            writer.key("bytes")
            writer.value(file.bytes)
            writer.key("sha256")
            writer.value(file.sha256)
            writer.key("first_cursor")
            writer.value(file.firstCursor.description)
            writer.key("last_cursor")
            writer.value(file.lastCursor.description)
        }
    }
}
