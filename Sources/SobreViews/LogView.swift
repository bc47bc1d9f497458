import JSON
public import SobreModel
public import SobreStore
import SobreWire
public import TerminalOutput

/// Prints rows of the log, in one or several calls.
public struct LogView {
    public let format: OutputFormat
    private let terminal: Terminal
    private var day = ""
    private var widths: [Int] = []

    /// - Parameters:
    ///   - format: text or JSON.
    ///   - terminal: how wide lines may be, and whether they are coloured.
    public init(format: OutputFormat, terminal: Terminal = .standardOutput) {
        self.format = format
        self.terminal = terminal
    }

    private static let columns = [
        Table.Column("time"), Table.Column("id"), Table.Column("state"), Table.Column("via"),
        Table.Column("recipient", shrinksTo: 8), Table.Column("campaign", shrinksTo: 9),
        Table.Column("why", shrinksTo: 10, wraps: true),
    ]

    public mutating func show(_ rows: [LogRow]) {
        if rows.isEmpty { return }
        if format == .json {
            var writer = JSONWriter()
            for row in rows {
                Wire.write(row, to: &writer)
                writer.newline()
            }
            Console.print(bytes: writer.take())
            return
        }
        Console.print(lines(rows))
    }

    /// Formats rows, with titles before the first and a line for each day. Later rows keep the column widths of the
    /// first.
    private mutating func lines(_ rows: [LogRow]) -> [String] {
        var table = Table(Self.columns)
        for row in rows { table.add(cells(row)) }
        var lines: [String] = []
        if widths.isEmpty {
            widths = table.fitted(to: terminal.width)
            // Later rows may be wider, so the last column takes the rest of the line.
            let used = widths.dropLast().reduce(0, +) + 2 * (widths.count - 1)
            widths[widths.count - 1] = max(widths[widths.count - 1], terminal.width - used)
            lines += table.lines(Self.columns.map { .init($0.title.uppercased(), .quiet) }, widths, terminal)
        }
        for (row, cells) in zip(rows, table.rows) {
            let today = TextTime.day(row.entry.at)
            if today != day {
                day = today
                lines.append(Style.strong.paint(today, on: terminal))
            }
            lines += table.lines(cells, widths, terminal)
        }
        return lines
    }

    private func cells(_ row: LogRow) -> [Table.Cell] {
        [
            .init(TextTime.time(row.entry.at)), .init(row.entry.delivery.description, .quiet),
            .init(row.entry.state.description, row.entry.state.style), .init(row.entry.channel?.description ?? ""),
            .init(row.recipient), .init(row.campaign ?? row.template), .init(row.entry.why),
        ]
    }
}

extension DeliveryState {
    /// The colour of the state.
    public var style: Style? {
        switch self {
        case .sent, .delivered, .opened, .clicked, .converted: .good
        case .dropped, .expired, .cancelled, .unsubscribed: .warning
        case .failed, .unknown, .bounced, .complained: .bad
        case .held, .deferred, .scheduled: .waiting
        case .queued, .attempting: nil
        }
    }
}

extension LogEntry {
    /// A short reason. The stable code comes first, so that a narrow column still shows it.
    public var why: String {
        var parts: [String] = []
        if !reason.isEmpty { parts.append(detail.isEmpty || detail == reason ? reason : "\(reason):") }
        if !detail.isEmpty, detail != reason { parts.append(detail) }
        if state == .deferred, reason == Outcome.Kind.ambiguous.rawValue { parts.append("(will be sent once more)") }
        if parts.isEmpty, let provider { parts.append(providerID.map { "\(provider) \($0)" } ?? provider) }
        if possibleDuplicate { parts.append("possible duplicate") }
        if let dueAt, state.isPending, state != .queued, !detail.contains("until ") {
            parts.append("until \(TextTime.minuteAndSecond(dueAt))")
        }
        return parts.joined(separator: " ")
    }
}
