import JSON
import SobreSQLite
import SobreSettings
import SobreStore

/// Writes a whole table to a file or standard output, page by page in bounded memory, with a count on a terminal.
struct ExportRun {
    private static let page = 500

    private let title: String
    private let file: String
    private let settings: SettingsOptions

    init(_ title: String, to file: String, _ settings: SettingsOptions) {
        self.title = title
        self.file = file
        self.settings = settings
    }

    /// - Parameters:
    ///   - first: nil: from the beginning.
    ///   - head: what stands before everything.
    ///   - read: the page behind an item.
    ///   - write: one item.
    /// - Throws: ``FileError`` when the file cannot be written, `StoreError` when the data cannot be read.
    func run<Item>(
        after first: Item?, head: String = "", read: (SQLiteReader, Item?, Int) async throws -> [Item],
        write: (Item, inout [UInt8]) -> Void
    ) async throws {
        let (_, reader) = try settings.openForReading()
        var bar = ProgressBar(title, total: nil)
        var count = 0
        do {
            let output = try OutputFile(file, mode: 0o600)
            try output.write(Array(head.utf8))
            var last = first
            while true {
                let items = try await read(reader, last, Self.page)
                guard let end = items.last else { break }
                var bytes: [UInt8] = []
                for item in items { write(item, &bytes) }
                try output.write(bytes)
                count += items.count
                last = end
                if !output.isStandardOutput { bar.update(count, note: "\(count)") }
            }
        } catch {
            bar.clear()
            await reader.close()
            throw error
        }
        bar.clear()
        await reader.close()
        if file != "-" { Console.print("\(count) written to \(Console.harmless(file)).") }
    }
}

extension JSONWriter {
    /// One value on a line of its own.
    static func line(_ body: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        body(&writer)
        writer.newline()
        return writer.take()
    }
}
