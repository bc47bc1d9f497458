import Hummingbird
import JSON
import SobreIntake
import SobreModel
import SobreSettings
import SobreStore
import SobreWire

/// What is true now: `/v1/queue`, `GET /v1/messages` and `/v1/messages/lookup`.
struct QueueRoutes: Sendable {
    let services: APIServices
    let limits: HTTPLimits
    let traffic: HTTPTraffic

    /// The largest number of messages in one response.
    private static let maxMessages = 1_000
    private static let maxGroups = 10_000

    func add(reading: RouterGroup<APIContext>) {
        reading.get("queue", use: queue)
        reading.get("messages", use: list)
        reading.post("messages/lookup", use: lookUp)
    }

    @Sendable private func queue(_ request: Request, _ context: APIContext) async throws -> Response {
        let query = try QueryReader(request, known: ["limit"])
        let limit = try query.int("limit", default: 1_000, in: 0...Self.maxGroups)
        let summary = try await services.store.queue(at: services.clock.now(), limit: limit)
        return .json { Wire.write(summary, to: &$0) }
    }

    /// The messages with a delivery that matches, by its present state.
    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        let query = try QueryReader(request, known: StateFilterParameters.names + ["limit", "after"])
        let filter = try StateFilterParameters.filter(query, atMost: services.intake.limits.maxNameBytes)
        let limit = try query.int("limit", default: 50, in: 1...Self.maxMessages)
        let after = try query.text("after").map { text throws(Problem) in
            guard let cursor = StateCursor(text) else {
                throw QueryReader.problem(
                    "after", "\"after\" is not a cursor of this list.", "\"next_after\" of a page")
            }
            return cursor
        }
        let page = try await services.store.messages(filter, after: after, limit: limit)
        return .json { Wire.write(page, to: &$0) }
    }

    /// Messages by their ids, in the order of the ids.
    @Sendable private func lookUp(_ request: Request, _ context: APIContext) async throws -> Response {
        let depth = services.intake.limits.maxDepth
        let texts = try await request.withJSON(upTo: limits.maxBodyBytes, depth: depth, traffic, context) { ref in
            try Self.texts(ref)
        }
        var ids: [MessageID] = []
        var unknown: [String] = []
        for text in texts {
            if let id = MessageID(text) { ids.append(id) } else { unknown.append(text) }
        }
        let rows = try await services.store.messages(ids)
        let found = Set(rows.map(\.message.id))
        unknown += ids.filter { !found.contains($0) }.map(\.description)
        return .json { writer in
            writer.object { writer in
                writer.key("messages")
                writer.array { writer in
                    for row in rows { Wire.write(row.message, last: row.last, to: &writer) }
                }
                writer.key("unknown")
                writer.value(unknown)
            }
        }
    }

    private static func texts(_ ref: JSONRef) throws(Problem) -> [String] {
        let expected = "an object {\"ids\": [\"01jd3v8k6m1r0\"]} with 1 to \(maxMessages) ids of messages"
        guard ref.kind == .object, ref.members.allSatisfy({ $0.key.string == "ids" }), let list = ref["ids"],
            list.kind == .array, (1...maxMessages).contains(list.count)
        else {
            throw Problem(
                .unprocessableContent, "invalid_value", "The body does not name messages.", field: "ids",
                expected: expected)
        }
        var texts: [String] = []
        for element in list.elements {
            guard let text = element.string, text.utf8.count <= 64 else {
                throw Problem(
                    .unprocessableContent, "invalid_value", "An entry of \"ids\" is not an id.", field: "ids",
                    expected: expected)
            }
            texts.append(text)
        }
        return texts
    }
}
