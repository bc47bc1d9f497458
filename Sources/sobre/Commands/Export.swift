public import ArgumentParser
public import SobreNode
import SobreModel
import SobreSettings
import SobreViews
import TerminalOutput

/// `sobre export`.
struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write what happened to messages to files, for a warehouse.", subcommands: [ExportEvents.self])
}

/// `sobre export events`.
struct ExportEvents: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Write the delivery log to a folder: NDJSON, a file for each hour that is over, and a manifest.",
        discussion: """
            Each run goes on after the last one, so that the files together have each event once. A file appears under its name \
            when it is complete. manifest.json names the files with their counts, cursors and SHA-256.

            Example:  sobre export events /var/lib/warehouse/sobre --compress zstd
            """)

    @Argument(help: "The folder.", completion: .directory)
    var folder: String

    @Option(help: "none, or zstd: by the program of that name.")
    var compress: EventExport.Compression = .none

    @OptionGroup var settings: SettingsOptions

    func run() async throws {
        let path = Environment.process["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        let access = try settings.access()
        let export = try EventExport(
            to: folder, compression: compress, path: path, retention: access.settings.retention.messages)
        var bar = ProgressBar("events", total: nil)
        defer { bar.clear() }
        let report = try await access.read { reader in
            try await export.run(reader, now: SystemTime().now()) { bar.update($0, note: "\($0)") }
        }
        bar.clear()
        let until = report.until.map { " They are complete up to \(TextTime.minuteAndSecond($0)) UTC." } ?? ""
        Console.print(
            "\(report.events) events in \(report.files) files written to \(Console.harmless(folder)).\(until)")
        if let gap = report.gap {
            let (from, to) = (TextTime.minuteAndSecond(gap.lowerBound), TextTime.minuteAndSecond(gap.upperBound))
            Console.printError(
                """
                warning: Events from \(from) to \(to) UTC may be missing: their retention (retention.messages) was over before
                they were exported. manifest.json names the gap. Export every hour, or keep messages for longer.
                """)
        }
    }
}

extension EventExport.Compression: ExpressibleByArgument {}
