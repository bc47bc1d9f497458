import JSON
import SobreModel
import SobreNode
import SobreViews
import TerminalOutput

/// The states of a message's deliveries after a command has changed them.
struct DeliveryStates {
    var id: MessageID
    /// Nil if there is no such message.
    var states: [(delivery: DeliveryID, state: String)]?

    /// Changes messages one after the other, each once.
    ///
    /// - Parameters:
    ///   - ids: the ids of messages, or of deliveries of them.
    ///   - access: the server if one runs, else the data.
    ///   - change: changes one message and returns the states of its deliveries; nil: there is no such message.
    /// - Returns: the states of each message, in the order of the ids.
    /// - Throws: an error that names the id that is none, or says why the change cannot be made.
    static func change(
        _ ids: [String], in access: StoreAccess,
        _ change: (Backend, MessageID) async throws -> [(delivery: DeliveryID, state: String)]?
    ) async throws -> [DeliveryStates] {
        var messages: [MessageID] = []
        var known: Set<MessageID> = []
        for text in ids {
            let id = try MessageID.parsing(text)
            if known.insert(id).inserted { messages.append(id) }
        }
        return try await access.change { backend in
            var results: [DeliveryStates] = []
            for id in messages { results.append(DeliveryStates(id: id, states: try await change(backend, id))) }
            return results
        }
    }

    /// Whether there are deliveries and each has a state of this kind.
    func all(_ isFine: (String) -> Bool) -> Bool { states.map { $0.allSatisfy { isFine($0.state) } } ?? false }

    /// Whether one of the deliveries has a state of this kind.
    func any(_ isFine: (String) -> Bool) -> Bool { states?.contains { isFine($0.state) } ?? false }

    func lines(for terminal: Terminal, remark: (DeliveryState?) -> String) -> [String] {
        guard let states else { return ["\(id)  no such message; sobre logs shows ids"] }
        return states.map { delivery, name in
            let state = DeliveryState(name: name)
            let remark = remark(state)
            let painted = ((state?.style) ?? .strong).paint(name, on: terminal)
            return "\(delivery)  \(painted)\(remark.isEmpty ? "" : "  \(remark)")"
        }
    }

    static func json(_ results: [DeliveryStates]) -> [UInt8] {
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
