import SobreModel
public import SobreStore
public import TerminalOutput

/// One recipient's timeline as a table, oldest first.
public enum TimelineView {
    public static func lines(_ timeline: Timeline, terminal: Terminal) -> [String] {
        var table = Table([
            .init("when"), .init("id"), .init("what", shrinksTo: 9), .init("via"), .init("outcome"),
            .init("why", shrinksTo: 10, wraps: true),
        ])
        let rows =
            messages(timeline.items) + timeline.consents.map(row)
            + suppressions(timeline)
        for (_, row) in rows.enumerated().sorted(by: { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }) {
            table.add([.init(String(TextTime.minuteAndSecond(row.at).dropLast(3)))] + row.cells)
        }
        return table.lines(for: terminal)
    }

    private typealias Row = (at: Instant, cells: [Table.Cell])

    /// Sorted by the time of the last log entry, which is the time shown.
    private static func messages(_ items: [TimelineItem]) -> [Row] {
        items.flatMap { item in item.last.map { (message: item.message, entry: $0) } }
            .sorted { ($0.entry.at, $0.entry.sequence) < ($1.entry.at, $1.entry.sequence) }
            .map { message, entry in
                let channels = message.channels.map(\.description).joined(separator: "/")
                return (
                    entry.at,
                    [
                        .init(entry.delivery.description, .quiet), .init(message.campaign ?? message.template),
                        .init(entry.channel?.description ?? channels),
                        .init(entry.state.description, entry.state.style), .init(entry.why),
                    ]
                )
            }
    }

    private static func row(_ record: ConsentRecord) -> Row {
        let consent = record.consent
        return (
            record.saidAt,
            [
                .init("consent", .quiet), .init(consent.category), .init(consent.channel?.description ?? "all"),
                .init(consent.granted ? "granted" : "refused", consent.granted ? .good : .bad),
                .init([consent.source, consent.evidence].compactMap { $0 }.joined(separator: ": ")),
            ]
        )
    }

    /// An opt-out that suppresses both the recipient and the address is one row, that of the recipient.
    private static func suppressions(_ timeline: Timeline) -> [Row] {
        // The subject that each row was shown for, by content. Changes of the same subject are all shown, even if
        // equal.
        var shownFor: [SuppressionRecord: KeyHash] = [:]
        let people = timeline.suppressions.filter { timeline.channels[$0.suppression.subject] == nil }
        let addresses = timeline.suppressions.filter { timeline.channels[$0.suppression.subject] != nil }
        return (people + addresses).compactMap { record in
            let subject = record.suppression.subject
            var words = record
            words.sequence = 0
            words.recordedAt = .epoch
            words.suppression.subject = .none
            words.suppression.label = ""
            words.suppression.channel = record.suppression.channel ?? timeline.channels[subject]
            if let shown = shownFor[words], shown != subject { return nil }
            shownFor[words] = subject
            return row(record, by: words.suppression.channel)
        }
    }

    private static func row(_ record: SuppressionRecord, by channel: Channel?) -> Row {
        let suppression = record.suppression
        let source = [suppression.source, suppression.evidence].compactMap { $0 }.joined(separator: ": ")
        return (
            suppression.at,
            [
                .init("suppression", .quiet), .init(suppression.category ?? "everything"),
                .init(channel?.description ?? "all"),
                record.change == .set ? .init("stopped", .bad) : .init("lifted", .good),
                .init("\(suppression.reason.rawValue): \(suppression.label), \(source)"),
            ]
        )
    }
}
