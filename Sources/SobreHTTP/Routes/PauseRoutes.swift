import HTTPTypes
import Hummingbird
import JSON
import Logging
import SobreIntake
import SobreModel
import SobreSettings
import SobreStore
import SobreWire

/// `/v1/pauses`: pause and resume sending.
struct PauseRoutes: Sendable {
    let services: APIServices
    let limits: HTTPLimits
    let traffic: HTTPTraffic
    let logger: Logger

    private static let parts = DeliveryFilter.Part.allCases.map(\.rawValue)

    func add(administering: RouterGroup<APIContext>, reading: RouterGroup<APIContext>) {
        administering.post("pauses", use: pause)
        administering.delete("pauses", use: resumeScope)
        administering.delete("pauses/{id}", use: resume)
        reading.get("pauses", use: list)
    }

    /// Pauses what the body names. When the answer comes, nothing of it begins any more. A repetition replaces the end
    /// and the reason.
    @Sendable private func pause(_ request: Request, _ context: APIContext) async throws -> Response {
        let depth = services.intake.limits.maxDepth
        let order = try await request.withJSON(upTo: limits.maxBodyBytes, depth: depth, traffic, context) { ref in
            try read(ref)
        }
        guard
            let done = try await services.store.pause(
                order.filter, until: order.until, reason: order.reason, by: author(context).name)
        else {
            throw Problem(
                .conflict, "too_many_pauses", "There are as many pauses as are allowed (store.max_pauses).",
                expected: "one pause of more, or resuming some first")
        }
        logger.warning(
            "sending is paused", metadata: ["pause": "\(done.pause.id)", "what": "\(done.pause.summary)"])
        return .json(done.isNew ? .created : .ok) { Wire.write(done.pause, to: &$0) }
    }

    private func read(_ ref: JSONRef) throws(Problem) -> PauseOrder {
        do {
            return try PauseOrder(
                ref, nameBytes: services.intake.limits.maxNameBytes, now: services.clock.now())
        } catch { throw Problem(error) }
    }

    /// The pauses in force, oldest first.
    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        _ = try QueryReader(request, known: [])
        let pauses = try await services.store.pauses(at: services.clock.now())
        return .json { writer in writer.object { Wire.writePauses(pauses, to: &$0) } }
    }

    @Sendable private func resume(_ request: Request, _ context: APIContext) async throws -> Response {
        _ = try QueryReader(request, known: [])
        guard let id = Int64(try context.parameter("id")) else { throw Problem.notFound("pause with this id") }
        return try await lift(id, by: author(context))
    }

    /// Lifts the pause with exactly the scope that the query names.
    @Sendable private func resumeScope(_ request: Request, _ context: APIContext) async throws -> Response {
        let query = try QueryReader(request, known: ["all"] + Self.parts)
        let limit = services.intake.limits.maxNameBytes
        var filter = DeliveryFilter.all
        for part in DeliveryFilter.Part.allCases {
            guard let text = query.text(part.rawValue) else { continue }
            if let problem = filter.set(part, to: text, atMost: limit) {
                throw QueryReader.problem(part.rawValue, problem, "a name")
            }
        }
        if let problem = PauseOrder.problem(of: filter, isAll: try query.flag("all")) {
            throw QueryReader.problem(problem.field, problem.message, problem.expected ?? "")
        }
        let pauses = try await services.store.pauses(at: services.clock.now())
        guard let known = pauses.first(where: { $0.pause.filter == filter }) else {
            throw Problem.notFound("pause of exactly this scope")
        }
        return try await lift(known.pause.id, by: author(context))
    }

    private func lift(_ id: Int64, by author: Author) async throws -> Response {
        guard let pause = try await services.store.resume(id) else { throw Problem.notFound("pause with this id") }
        logger.warning(
            "sending is resumed", metadata: ["pause": "\(id)", "by": "\(author.name)", "what": "\(pause.summary)"])
        return .json { Wire.write(pause, to: &$0) }
    }

    /// Who orders, as the audit trail has it. ``Authorize`` sets it.
    private func author(_ context: APIContext) -> Author { Author.current ?? Author(name: context.caller.name) }
}
