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
        for item in items {
            for entry in item.last {
                table.add([
                    .init(String(TextTime.minuteAndSecond(entry.at).dropLast(3))),
                    .init(entry.delivery.description, .quiet), .init(item.message.campaign ?? item.message.template),
                    .init(
                        entry.channel?.description ?? item.message.channels.map(\.description).joined(separator: "/")),
                    .init(entry.state.description, entry.state.style), .init(entry.why),
                ])
            }
        }
        return table.lines(for: terminal)
    }
}
