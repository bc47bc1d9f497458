import ArgumentParser
import JSON
import SobreNode
import SobreSettings
import TerminalOutput

/// `sobre doctor`.
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check everything that Sobre needs, and report what is missing and what to do.",
        discussion: """
            Changes nothing and calls no provider. Runs the checks that sobre serve runs at its start. A running server is \
            asked for its own warnings about its clock, disk, files, providers, templates and held messages.

            Status: 0 everything works (perhaps with notes), 1 something must be fixed.
            """)

    @OptionGroup var settings: SettingsOptions
    @OptionGroup var output: FormatOptions

    func run() async throws {
        let inspection = await Inspection.run(config: settings.config)
        switch output.format {
        case .text: Console.print(inspection.lines(for: output.terminal))
        case .json: Console.print(bytes: inspection.json())
        }
        if inspection.hasFault { throw ExitCode(ExitStatus.negative.rawValue) }
    }
}

extension Inspection {
    fileprivate func lines(for terminal: Terminal) -> [String] {
        var lines: [String] = []
        for entry in entries {
            let mark =
                switch entry.grade {
                case .good: Style.good.paint("ok    ", on: terminal)
                case .remark: Style.waiting.paint("remark", on: terminal)
                case .bad: Style.bad.paint("ERROR ", on: terminal)
                }
            let about = entry.about + String(repeating: " ", count: max(1, 12 - entry.about.count))
            let isReport = entry.text.contains("\n")
            let pieces =
                isReport
                ? entry.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
                : TextWidth.wrap(entry.text, to: max(40, terminal.width - 20))
            for (index, piece) in pieces.map(Console.harmless).enumerated() {
                lines.append(index == 0 ? "\(mark)  \(about)\(piece)" : String(repeating: " ", count: 20) + piece)
            }
        }
        let faults = entries.count { $0.grade == .bad }
        lines.append("")
        lines.append(faults == 0 ? "Everything works." : "\(faults) \(faults == 1 ? "error" : "errors") to fix.")
        return lines
    }

    fileprivate func json() -> [UInt8] {
        var writer = JSONWriter()
        for entry in entries {
            writer.object { writer in
                writer.member("grade", ifPresent: entry.grade.rawValue)
                writer.member("about", ifPresent: entry.about)
                writer.member("text", ifPresent: entry.text)
            }
            writer.newline()
        }
        return writer.take()
    }
}
