import SobreModel
import SobreStore

/// One person's messages over all channels.
enum TimelineView {
    /// The lines of the table, oldest first; one that says so when there is nothing.
    static func lines(
        recipient: String, store: some LogStore, limit: Int, terminal: Terminal = .standardOutput
    ) async throws(StoreError) -> [String] {
        let items = try await store.timeline(recipient: recipient, limit: limit)
        if items.isEmpty { return ["No message to \(Console.harmless(recipient)) is known."] }
        return lines(items.reversed(), terminal: terminal)
    }

    static func lines(_ items: [TimelineItem], terminal: Terminal) -> [String] {
        var table = Table([
            .init("when"), .init("id"), .init("what", shrinksTo: 9), .init("via"), .init("became"),
            .init("why", shrinksTo: 10),
        ])
        // By the time that is shown, which is that of the last step and not of the message.
        let rows = items.flatMap { item in item.last.map { (message: item.message, entry: $0) } }
            .sorted { ($0.entry.at, $0.entry.sequence) < ($1.entry.at, $1.entry.sequence) }
        for (message, entry) in rows {
            table.add([
                .init(String(TextTime.minuteAndSecond(entry.at).dropLast(3))),
                .init(entry.delivery.description, .quiet), .init(message.campaign ?? message.template),
                .init(entry.channel?.description ?? message.channels.map(\.description).joined(separator: "/")),
                .init(entry.state.description, entry.state.style), .init(entry.why),
            ])
        }
        return table.lines(for: terminal)
    }
}
