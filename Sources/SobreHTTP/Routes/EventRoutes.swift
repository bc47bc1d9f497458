import HTTPTypes
import Hummingbird
import JSON
import Logging
import SobreModel
import SobreStore
import SobreWire

/// `/v1/event-subscriptions`: the webhooks, and what operators order for them.
struct EventRoutes: Sendable {
    let services: APIServices
    let logger: Logger

    func add(administering: RouterGroup<APIContext>, reading: RouterGroup<APIContext>) {
        reading.get("event-subscriptions", use: list)
        administering.post("event-subscriptions/{name}/pause", use: pause)
        administering.post("event-subscriptions/{name}/resume", use: resume)
        administering.post("event-subscriptions/{name}/replay", use: replay)
    }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        _ = try QueryReader(request, known: [])
        let statuses = try await services.subscriptions()
        return .json { writer in writer.object { Wire.write(statuses, to: &$0) } }
    }

    @Sendable private func pause(_ request: Request, _ context: APIContext) async throws -> Response {
        _ = try QueryReader(request, known: [])
        return try await carryOut(.pause(reason: Author.current?.note ?? ""), context)
    }

    @Sendable private func resume(_ request: Request, _ context: APIContext) async throws -> Response {
        _ = try QueryReader(request, known: [])
        return try await carryOut(.resume, context)
    }

    /// Sends again what happened after a cursor, or from a time on.
    @Sendable private func replay(_ request: Request, _ context: APIContext) async throws -> Response {
        let query = try QueryReader(request, known: ["after", "since"])
        let since = try query.instant("since")
        switch (try query.cursor("after"), since) {
        case (let after?, nil):
            // As in the log, 0 is the beginning, which no event lies before.
            return try await carryOut(.replay(after: after.description == "0" ? nil : after), context)
        case (nil, let since?): return try await carryOut(.replaySince(since), context)
        case (nil, nil), (.some, .some):
            throw QueryReader.problem(
                "after", "The order does not say from where on.", "either after, a cursor, or since, a time")
        }
    }

    private func carryOut(_ order: EventOrder, _ context: APIContext) async throws -> Response {
        let name = try context.parameter("name")
        guard let state = try await services.store.carryOut(order, on: name) else {
            throw Problem.notFound("subscription with this name")
        }
        logger.notice(
            "an order for a subscription to events", metadata: ["subscription": "\(name)", "order": "\(order)"])
        return .json { Wire.write(state, to: &$0) }
    }
}
