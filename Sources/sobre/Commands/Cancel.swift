import ArgumentParser
import JSON
import SobreModel
import SobreSQLite
import SobreSettings
import SobreStore

/// `sobre cancel`.
struct Cancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Cancel messages that still wait. What is in flight, or has ended, does not change.",
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
        let results = try await Backend.using(settings.load()) { backend in
            var results: [CancelResult] = []
            for id in messages { results.append(try await Self.cancel(id, through: backend)) }
            return results
        }
        switch output.format {
        case .text: Console.print(results.flatMap { $0.lines(for: .standardOutput) })
        case .json: Console.print(bytes: CancelResult.json(results))
        }
        if !results.allSatisfy(\.isStopped) { throw ExitCode(ExitStatus.negative.rawValue) }
    }

    private static func cancel(_ id: MessageID, through backend: Backend) async throws -> CancelResult {
        switch backend {
        case .store(let store, _):
            let states = try await store.cancel(id)
            return CancelResult(id: id, states: states?.map { ($0, $1.description) }.sorted { $0.0 < $1.0 })
        case .server(let client):
            let (status, document) = try await client.send("DELETE", "/v1/messages/\(id)")
            if status == 404 { return CancelResult(id: id, states: nil) }
            guard status == 200, let list = document?.root["deliveries"] else {
                throw CommandFailure(
                    .unavailable,
                    "Message \(id) was not cancelled. "
                        + ServerClient.detail(of: document, status: status))
            }
            var states: [(DeliveryID, String)] = []
            for item in list.elements {
                guard let delivery = item["delivery"]?.string.flatMap({ DeliveryID($0) }),
                    let state = item["state"]?.string
                else { continue }
                states.append((delivery, state))
            }
            return CancelResult(id: id, states: states)
        }
    }
}

/// Where the deliveries of a message stand after it was cancelled.
struct CancelResult {
    var id: MessageID
    /// Nil: there is no such message.
    var states: [(DeliveryID, String)]?

    /// Nothing of it went out, nor may have, nor will.
    var isStopped: Bool {
        guard let states else { return false }
        let stopped: Set<String> = ["cancelled", "dropped", "expired", "failed"]
        return states.allSatisfy { stopped.contains($0.1) }
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
                case .dropped?, .expired?, .failed?: "  had ended before; nothing was sent"
                default: "  too late: it had been sent"
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
