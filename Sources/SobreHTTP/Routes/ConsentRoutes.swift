import HTTPTypes
import Hummingbird
import JSON
import SobreIntake
import SobreModel
import SobreSettings
import SobreStore
import SobreWire

/// `/v1/profiles/{id}/consents` and `/v1/consents`: consents and refusals with their evidence.
struct ConsentRoutes: Sendable {
    let services: APIServices
    let limits: HTTPLimits
    let traffic: HTTPTraffic

    func add(sending: RouterGroup<APIContext>, reading: RouterGroup<APIContext>) {
        sending.post("profiles/{id}/consents", use: take)
        sending.post("consents", use: takeBatch)
        reading.get("profiles/{id}/consents", use: show)
    }

    /// Records one consent, or an array of them, for the profile in the path. A single one that is rejected gets a
    /// problem response.
    @Sendable private func take(_ request: Request, _ context: APIContext) async throws -> Response {
        let id = try context.parameter("id")
        let depth = services.intake.limits.maxDepth
        let now = services.clock.now()
        let (results, isOne) = try await request.withJSON(upTo: limits.maxBodyBytes, depth: depth, traffic, context) {
            ref in
            guard ref.kind != .array || ref.count <= services.intake.limits.maxConsents else {
                throw Problem(
                    .contentTooLarge, "too_many", "The list has \(ref.count) entries.",
                    expected: "at most \(services.intake.limits.maxConsents)")
            }
            return (await services.intake.takeConsents(ref, recipient: id, now: now), ref.kind != .array)
        }
        if isOne, let result = results.first {
            switch result.outcome {
            case .rejected(var problem):
                problem.line = nil
                throw Problem(problem)
            case .notStored(let error): throw Problem(error)
            case .stored, .superseded: break
            }
        }
        return try .batch(results)
    }

    /// Records consents for many profiles: NDJSON or an array, each entry with its `recipient`.
    @Sendable private func takeBatch(_ request: Request, _ context: APIContext) async throws -> Response {
        let intake = services.intake
        let now = services.clock.now()
        return try await request.batch(limits, intake.limits, traffic, context) { lines in
            await intake.takeConsents(lines, now: now)
        } json: { root in
            await intake.takeConsents(root, now: now)
        }
    }

    /// The consents in force, and the history with evidence, oldest first.
    @Sendable private func show(_ request: Request, _ context: APIContext) async throws -> Response {
        let id = try context.parameter("id")
        let query = try QueryReader(request, known: ["after", "limit"])
        let limit = try query.int("limit", default: 100, in: 1...1_000)
        let after = try query.sequence("after") ?? 0
        guard let profile = try await services.store.profile(id) else { throw Problem.notFound("profile of this id") }
        let history = try await services.store.consentHistory(of: id, after: after, limit: limit)
        return .json { writer in
            writer.object { writer in
                writer.key("recipient")
                writer.value(profile.id)
                writer.key("in_force")
                writer.array { writer in
                    for consent in profile.consents { ProfileDocument.write(consent, to: &writer) }
                }
                writer.key("history")
                writer.array { writer in for record in history { Wire.write(record, to: &writer) } }
                if history.count == limit, let last = history.last {
                    writer.key("next_after")
                    writer.value(last.sequence)
                }
            }
        }
    }
}
