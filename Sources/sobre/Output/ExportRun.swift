import JSON
import SobreNode
import TerminalOutput
import SobreSettings
import SobreStore

/// Exports a whole table to a file or standard output, page by page in bounded memory. On a terminal it shows a count.
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
    ///   - first: the item to start after; nil to start at the beginning.
    ///   - head: the text before the first item.
    ///   - read: reads the page after an item.
    ///   - write: appends one item to the bytes.
    /// - Throws: ``FileError`` if the file cannot be written, `StoreError` if the data cannot be read.
    func run<Item>(
        after first: Item?, head: String = "", read: (any StoreReader, Item?, Int) async throws -> [Item],
        write: (Item, inout [UInt8]) -> Void
    ) async throws {
        let count = try await settings.access().read { reader in
            try await writeAll(
                from: first, head: head, reading: { try await read(reader, $0, Self.page) }, write: write)
        }
        if file != "-" { Console.print("\(count) written to \(Console.harmless(file)).") }
    }

    private func writeAll<Item>(
        from first: Item?, head: String, reading page: (Item?) async throws -> [Item],
        write: (Item, inout [UInt8]) -> Void
    ) async throws -> Int {
        var bar = ProgressBar(title, total: nil)
        defer { bar.clear() }
        var count = 0
        let output = try OutputFile(file, mode: 0o600)
        try output.write(Array(head.utf8))
        var last = first
        while true {
            let items = try await page(last)
            guard let end = items.last else { return count }
            var bytes: [UInt8] = []
            for item in items { write(item, &bytes) }
            try output.write(bytes)
            count += items.count
            last = end
            if !output.isStandardOutput { bar.update(count, note: "\(count)") }
        }
    }
}
