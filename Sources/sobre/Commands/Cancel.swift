import ArgumentParser
import JSON
import SobreModel
import SobreNode
import SobreSettings
import SobreViews
import TerminalOutput

/// `sobre cancel`.
struct Cancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Cancel waiting messages. Messages that are in flight or have ended do not change.",
        discussion: """
            Shows the state of each delivery afterwards. Goes through the server when one runs.

            Example:  sobre cancel 01jd3v8k6m1r0 01jd3v8k6m1rg

            Status: 0 none of them will be sent, 1 one was not found, or had already gone out.
            """)

    @Argument(help: "The ids of messages, or of deliveries of them.")
    var ids: [String]

    @OptionGroup var settings: SettingsOptions
    @OptionGroup var output: FormatOptions

    func run() async throws {
        var messages: [MessageID] = []
        for text in ids {
            let id = try MessageID.parsing(text)
            if !messages.contains(id) { messages.append(id) }
        }
        let results = try await settings.access().change { backend in
            var results: [CancelResult] = []
            for id in messages { results.append(CancelResult(id: id, states: try await backend.cancel(id))) }
            return results
        }
        switch output.format {
        case .text: Console.print(results.flatMap { $0.lines(for: .standardOutput) })
        case .json: Console.print(bytes: CancelResult.json(results))
        }
        if !results.allSatisfy(\.isStopped) { throw ExitCode(ExitStatus.negative.rawValue) }
    }
}

/// The states of a message's deliveries after its cancellation.
struct CancelResult {
    var id: MessageID
    /// Nil if there is no such message.
    var states: [(delivery: DeliveryID, state: String)]?

    /// Whether no delivery was sent, may have been sent, or will be.
    var isStopped: Bool {
        guard let states else { return false }
        let stopped: Set<String> = ["cancelled", "dropped", "expired", "failed"]
        return states.allSatisfy { stopped.contains($0.state) }
    }

    func lines(for terminal: Terminal) -> [String] {
        guard let states else { return ["\(id)  no such message; sobre logs shows ids"] }
        return states.map { delivery, name in
            let state = DeliveryState(name: name)
            let remark =
                switch state {
                case .cancelled?: ""
                case .attempting?: "  in flight; its outcome will be recorded"
                case .unknown?: "  the outcome is unknown; it is not sent again"
                case .dropped?, .expired?, .failed?: "  already ended; nothing was sent"
                default: "  too late: already sent"
                }
            return "\(delivery)  \(((state?.style) ?? .strong).paint(name, on: terminal))\(remark)"
        }
    }

    static func json(_ results: [CancelResult]) -> [UInt8] {
        var writer = JSONWriter()
        for result in results {
            writer.object { writer in
                writer.member("id", ifPresent: result.id.description)
                writer.key("found")
                writer.value(result.states != nil)
                writer.key("deliveries")
                writer.array { writer in
                    for (delivery, state) in result.states ?? [] {
                        writer.object { writer in
                            writer.member("delivery", ifPresent: delivery.description)
                            writer.member("state", ifPresent: state)
                        }
                    }
                }
            }
            writer.newline()
        }
        return writer.take()
    }
}
