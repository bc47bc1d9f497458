import ArgumentParser
import JSON
import SobreModel
import SobreNode
import SobreSettings
import SobreStore
import SobreViews
import SobreWire
import TerminalOutput
import Text

/// `sobre show`.
struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show one message: its request, and the state of its deliveries.",
        discussion: "Example:  sobre show 01jd3v8k6m1r0")

    @Argument(help: "The id of a message or of one of its deliveries.")
    var id: String

    @OptionGroup var settings: SettingsOptions
    @OptionGroup var output: FormatOptions

    func run() async throws {
        let id = try MessageID.parsing(id)
        let (message, history) = try await settings.access().read { reader in
            (try await reader.message(id), try await reader.history(of: id))
        }
        guard let message else { throw CommandFailure(.negative, "There is no message \(id). sobre logs shows ids.") }
        if output.format == .json {
            var writer = JSONWriter(indentation: 2)
            Wire.write(message, last: Wire.last(of: history), to: &writer)
            writer.newline()
            Console.print(bytes: writer.take())
        } else {
            Console.print(lines(message, history.map { $0 }))
        }
    }

    private func lines(_ message: Message, _ history: [LogEntry]) -> [String] {
        let terminal = output.terminal
        var facts: [(String, String)] = [
            ("message", message.id.description), ("to", message.recipient), ("template", message.template),
            ("campaign", message.campaign ?? "-"), ("category", message.category),
            ("channels", message.channels.map(\.description).joined(separator: ", ") + " (\(message.route))"),
            ("priority", message.priority.description),
            ("accepted", TextTime.minuteAndSecond(message.acceptedAt) + " UTC"),
        ]
        if let journey = message.journey { facts.append(("journey", journey)) }
        if let topic = message.topic { facts.append(("topic", topic)) }
        if !message.tags.isEmpty { facts.append(("tags", message.tags.joined(separator: ", "))) }
        if let at = message.sendAt { facts.append(("send at", TextTime.minuteAndSecond(at) + " UTC")) }
        if let at = message.expiresAt { facts.append(("expires", TextTime.minuteAndSecond(at) + " UTC")) }
        if let key = message.dedupKey { facts.append(("dedup key", key)) }
        if let tenant = message.tenant { facts.append(("tenant", tenant)) }
        if let activity = message.activity { facts.append(("activity", activity)) }
        if let trace = message.trace { facts.append(("trace", trace.text)) }
        if message.isTest { facts.append(("test", "yes: exempt from caps, and not counted")) }
        if let within = message.bestTimeWithin { facts.append(("best time", "within \(DurationText.rounded(within))")) }
        if message.route == .escalate {
            let escalation = message.escalation
            facts.append(("escalates", "after \(DurationText.rounded(escalation.after)) until \(escalation.until)"))
        }
        if let flags = message.capFlags {
            facts.append(
                (
                    "caps",
                    "\(flags.obeys ? "obeys" : "exempt"), \(flags.counts ? "counts" : "not counted") (by \(flags.by))"
                ))
        }
        facts.append(("data", String(decoding: message.data, as: UTF8.self)))
        for file in message.attachments { facts.append(("file", file.summary)) }
        var lines = facts.map { name, value in
            let pad = String(repeating: " ", count: 11 - name.count)
            return Style.quiet.paint(name, on: terminal) + pad
                + TextWidth.cut(Console.harmless(value), to: max(20, terminal.width - 11))
        }
        lines.append("")
        for delivery in message.deliveries {
            let last = history.last { $0.delivery == delivery }
            let state = last?.state ?? (message.sendAt == nil ? .queued : .scheduled)
            let why = last?.why ?? "nothing has happened yet"
            lines.append(
                "\(delivery)  " + (state.style ?? .strong).paint(state.description, on: terminal)
                    + (last?.channel.map { " on \($0)" } ?? ""))
            if !why.isEmpty {
                lines += TextWidth.wrap(Console.harmless(why), to: terminal.width - 2).map { "  " + $0 }
            }
        }
        lines.append("")
        lines.append("To see why: sobre explain \(message.id)")
        return lines
    }
}

extension MessageID {
    /// Reads an id from the command line.
    static func parsing(_ text: String) throws -> MessageID {
        guard let id = MessageID(text) else {
            throw ValidationError(
                "\(text) is not an id. Ids have 13 characters, such as 01jd3v8k6m1r0; sobre logs shows them.")
        }
        return id
    }
}
