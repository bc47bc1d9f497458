import SobreAdmission
public import SobreModel
public import SobreStore
public import TerminalOutput

/// Explains the state of a delivery: a line with the verdict, the rules with the contacts that fill them, and the
/// history.
public enum ExplainView {
    /// The explanation of one delivery, within 80 columns.
    ///
    /// - Throws: ``CommandFailure`` if there is no such message.
    public static func lines(
        _ delivery: DeliveryID, store: any MessageHistory & LogStore, terminal: Terminal = .standardOutput
    ) async throws -> [String] {
        guard let message = try await store.message(delivery.message) else {
            throw CommandFailure(
                .negative,
                "There is no message \(delivery.message). sobre logs shows ids; old messages are removed after "
                    + "their retention.")
        }
        let history = try await store.history(of: delivery.message).filter { $0.delivery == delivery }
        let names = try await names(in: history, store: store)
        return lines(message, delivery, history: history, names: names, terminal: terminal)
    }

    /// The names of the deliveries in an explanation, which holds only their ids.
    private static func names(in history: [LogEntry], store: any MessageHistory & LogStore) async throws -> [DeliveryID:
        String]
    {
        guard let explanation = history.last(where: { $0.explanation != nil })?.explanation else { return [:] }
        var names: [DeliveryID: String] = [:]
        for id in Explanation.deliveries(json: explanation).prefix(100) {
            guard let message = try await store.message(id.message) else { continue }
            names[id] = message.campaign ?? message.template
        }
        return names
    }

    private static func lines(
        _ message: Message, _ delivery: DeliveryID, history: [LogEntry], names: [DeliveryID: String], terminal: Terminal
    ) -> [String] {
        var lines: [String] = []
        let subject = "\(message.campaign ?? message.template) for \(Console.harmless(message.recipient))"
        if let last = history.last {
            let state = (last.state.style ?? .strong).paint(last.state.description.uppercased(), on: terminal)
            lines.append("\(state)  \(subject)  (\(message.category), \(delivery))")
            lines += TextWidth.wrap(sentence(last), to: max(20, terminal.width - 2)).map { "  " + $0 }
        } else {
            lines.append("QUEUED  \(subject)  (\(message.category), \(delivery))")
            lines.append(
                "  Accepted at \(TextTime.minuteAndSecond(message.acceptedAt)); nothing has happened yet.")
        }
        if let explanation = history.last(where: { $0.explanation != nil })?.explanation {
            lines.append("")
            lines += Explanation.render(json: explanation, names: names).map(Console.harmless)
        }
        lines.append("")
        lines += way(message, history, terminal)
        return lines
    }

    /// The last state as a sentence.
    private static func sentence(_ entry: LogEntry) -> String {
        let channel = entry.channel.map { " by \($0)" } ?? ""
        // Details from providers may end in a full stop; the sentence adds its own.
        var why = Substring(entry.detail.isEmpty ? entry.reason : entry.detail)
        while why.last == "." { why.removeLast() }
        let because = why.isEmpty ? "" : ": \(Console.harmless(Explanation.readable(String(why))))"
        let due = entry.dueAt.map { " The next check is at \(TextTime.minuteAndSecond($0)) UTC." } ?? ""
        switch entry.state {
        case .sent:
            let provider = entry.provider.map { " \($0) accepted it" } ?? " The provider accepted it"
            let id = entry.providerID.map { " as \($0)" } ?? ""
            return "Sent\(channel) at \(TextTime.minuteAndSecond(entry.at)) UTC.\(provider)\(id)"
                + (entry.possibleDuplicate
                    ? "; it may be a second copy, because the first attempt's outcome is unknown." : ".")
        case .held: return "Held by Sobre\(because).\(due)"
        case .deferred where entry.reason == Outcome.Kind.ambiguous.rawValue:
            return
                "It is unknown whether the provider accepted it\(because). Its category allows one more attempt.\(due)"
        case .deferred: return "The provider has not accepted it yet\(because).\(due)"
        case .dropped: return "Not sent, by decision\(because)."
        case .failed: return "Failed, and not tried again\(because)."
        case .unknown: return "It is unknown whether the provider accepted it\(because)."
        case .queued: return "Waiting since \(TextTime.minuteAndSecond(entry.at)) UTC\(because)."
        case .expired: return "It expired before it could be sent\(because)."
        default:
            return "It is \(entry.state)\(channel) since \(TextTime.minuteAndSecond(entry.at)) UTC\(because).\(due)"
        }
    }

    /// All transitions in order.
    private static func way(_ message: Message, _ history: [LogEntry], _ terminal: Terminal) -> [String] {
        var table = Table([
            .init("at (UTC)"), .init("state"), .init("via"), .init("try", alignsRight: true),
            .init("why", shrinksTo: 12, wraps: true),
        ])
        table.add([
            .init(TextTime.minuteAndSecond(message.acceptedAt)), .init("accepted"), .init(""), .init(""),
            .init(message.journey.map { "from \($0)" } ?? ""),
        ])
        for entry in history {
            table.add([
                .init(TextTime.minuteAndSecond(entry.at)), .init(entry.state.description, entry.state.style),
                .init(entry.channel?.description ?? ""), .init(entry.attempt > 0 ? "\(entry.attempt)" : ""),
                .init(Explanation.readable(entry.why)),
            ])
        }
        return table.lines(for: terminal)
    }
}
