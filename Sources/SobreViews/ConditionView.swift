import SobreModel
public import SobreWire
public import TerminalOutput
import Text

/// Shows how a node does.
public struct ConditionView {
    private let terminal: Terminal

    public init(terminal: Terminal) { self.terminal = terminal }

    /// The lines: the warnings, the backlog, what is held, the providers, then the clock and the disk.
    public func lines(_ condition: NodeCondition) -> [String] {
        var lines: [String] = []
        for warning in condition.warnings {
            // The place of a mistake in a file is shown on lines of its own.
            let rows = warning.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            let pieces = TextWidth.wrap(rows[0], to: max(40, terminal.width - 9)) + rows.dropFirst()
            for (index, piece) in pieces.enumerated() {
                let mark = index == 0 ? Style.bad.paint("WARNING  ", on: terminal) : "         "
                lines.append(mark + Console.harmless(piece))
            }
        }
        if condition.warnings.isEmpty { lines.append("Nothing needs attention.") }
        lines.append("")
        lines += backlog(condition)
        lines += providers(condition)
        lines.append("")
        let offset = (condition.clockOffsetSeconds * 10).rounded() / 10
        lines.append(
            "clock: \(condition.isClockTrusted ? "trusted" : "in doubt"), the system's is \(offset) s from it")
        let room = condition.freeBytes.map { "\($0 >> 20) MiB free" } ?? "room unknown"
        lines.append("disk: \(condition.isWritable ? "writable" : "not writable"), \(room)")
        lines.append("policy version \(condition.policyVersion), \(condition.inFlight) in flight")
        return lines
    }

    private func backlog(_ condition: NodeCondition) -> [String] {
        guard !condition.waiting.isEmpty else { return ["Nothing waits."] }
        var table = Table([Table.Column("channel"), Table.Column("state"), Table.Column("count", alignsRight: true)])
        for item in condition.waiting { table.add([.init(item.channel), .init(item.state), .init("\(item.count)")]) }
        var lines = table.lines(for: terminal)
        for (channel, seconds) in condition.oldestDueSeconds.sorted(by: { $0.key < $1.key }) where seconds > 0 {
            let length = DurationText.rounded(.milliseconds(Int64(seconds * 1000)))
            lines.append("\(channel): the oldest has been due for \(length)")
        }
        for item in condition.held {
            let template = item.template.map { " of the template \($0)" } ?? ""
            lines.append(Console.harmless("held: \(item.count)\(template), \(item.reason)"))
        }
        return lines
    }

    private func providers(_ condition: NodeCondition) -> [String] {
        guard !condition.providers.isEmpty else { return [] }
        var table = Table([
            Table.Column("provider", shrinksTo: 12), Table.Column("channel"), Table.Column("state"),
            Table.Column("in flight", alignsRight: true), Table.Column("share", alignsRight: true),
            Table.Column("until"),
        ])
        for provider in condition.providers {
            let style: Style = provider.state == "open" ? .good : provider.state == "broken" ? .bad : .waiting
            table.add([
                .init(provider.name), .init(provider.channel), .init(provider.state, style),
                .init("\(provider.inFlight)"), .init("\(provider.share) %"),
                .init(provider.until.map { TextTime.minuteAndSecond($0) } ?? "-"),
            ])
        }
        return [""] + table.lines(for: terminal)
    }
}
