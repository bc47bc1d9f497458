import SobreModel
public import SobreStore
public import TerminalOutput
import Text

/// Shows what waits as a table.
public struct QueueView {
    private let terminal: Terminal

    public init(terminal: Terminal) { self.terminal = terminal }

    /// The lines: the groups, then the due times of each channel, then the sums.
    public func lines(_ summary: QueueSummary) -> [String] {
        guard summary.waiting > 0 else {
            return ["Nothing waits. \(summary.inFlight) in flight."]
        }
        var lines = groups(summary)
        if summary.omittedGroups > 0 { lines.append("… and \(summary.omittedGroups) smaller groups (--limit)") }
        lines.append("")
        for totals in summary.channels {
            var parts = ["\(totals.waiting) wait"]
            if let dueAt = totals.oldestDueAt {
                parts.append("the oldest has been due for \(DurationText.rounded(summary.at - dueAt))")
            }
            if let dueAt = totals.nextDueAt {
                parts.append("the next is due at \(TextTime.minuteAndSecond(dueAt)) UTC")
            }
            lines.append("\(totals.channel): \(parts.joined(separator: ", "))")
        }
        lines.append("\(summary.waiting) deliveries wait, \(summary.inFlight) in flight.")
        return lines
    }

    private func groups(_ summary: QueueSummary) -> [String] {
        var table = Table([
            Table.Column("state"), Table.Column("channel"), Table.Column("campaign", shrinksTo: 10),
            Table.Column("reason", shrinksTo: 10), Table.Column("count", alignsRight: true), Table.Column("since"),
        ])
        for group in summary.groups {
            table.add([
                .init(group.state.description, group.state.style), .init(group.channel.description),
                .init(group.isOfFurtherCampaigns ? "(further campaigns)" : group.campaign ?? "-"),
                .init(group.reason.isEmpty ? "-" : group.reason), .init("\(group.count)"),
                .init(group.oldestAt.map { TextTime.minuteAndSecond($0) } ?? "-"),
            ])
        }
        return summary.groups.isEmpty ? [] : table.lines(for: terminal)
    }
}
