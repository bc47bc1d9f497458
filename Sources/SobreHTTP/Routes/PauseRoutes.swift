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
        let by = try await orderer(context, order.by)
        guard
            let done = try await services.store.pause(
                order.filter, until: order.until, reason: order.reason, by: by)
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
        let query = try QueryReader(request, known: ["by"])
        let by = try await orderer(context, try query.text("by", atMost: services.intake.limits.maxNameBytes))
        guard let id = Int64(try context.parameter("id")) else { throw Problem.notFound("pause with this id") }
        return try await lift(id, by: by)
    }

    /// Lifts the pause with exactly the scope that the query names.
    @Sendable private func resumeScope(_ request: Request, _ context: APIContext) async throws -> Response {
        let query = try QueryReader(request, known: ["all", "by"] + Self.parts)
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
        let by = try await orderer(context, try query.text("by", atMost: limit))
        let pauses = try await services.store.pauses(at: services.clock.now())
        guard let known = pauses.first(where: { $0.pause.filter == filter }) else {
            throw Problem.notFound("pause of exactly this scope")
        }
        return try await lift(known.pause.id, by: by)
    }

    private func lift(_ id: Int64, by: String) async throws -> Response {
        guard let pause = try await services.store.resume(id) else { throw Problem.notFound("pause with this id") }
        logger.warning(
            "sending is resumed", metadata: ["pause": "\(id)", "by": "\(by)", "what": "\(pause.summary)"])
        return .json { Wire.write(pause, to: &$0) }
    }

    /// Who orders: the key that was used, by its label, and the local user that a command names. A user is believed with
    /// the owner's key or without keys, and is recorded beside any other key.
    private func orderer(_ context: APIContext, _ user: String?) async throws -> String {
        switch context.caller {
        case .local: return user ?? context.caller.name
        case .key(KeyRing.ownerID, _): return user ?? "the owner of the data"
        case .key(let id, _):
            let label = try await services.store.keys().first { $0.id == id }?.label
            let key = label.map { "the key \($0) (\(id))" } ?? "the key \(id)"
            return user.map { "\($0) with \(key)" } ?? key
        }
    }
}
