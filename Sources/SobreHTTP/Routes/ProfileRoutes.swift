import HTTPTypes
import Hummingbird
import JSON
import SobreIntake
import SobreModel
import SobreStore

/// `/v1/profiles`: put and read people, and their timelines.
struct ProfileRoutes: Sendable {
    let services: APIServices
    let limits: HTTPLimits
    let budget: BodyBudget

    func add(sending: RouterGroup<APIContext>, reading: RouterGroup<APIContext>) {
        sending.put("profiles/{id}", use: put)
        sending.post("profiles", use: importBatch)
        reading.get("profiles/{id}", use: show)
        reading.get("profiles/{id}/timeline", use: timeline)
    }

    @Sendable private func put(_ request: Request, _ context: APIContext) async throws -> Response {
        let id = try context.parameter("id")
        let depth = services.intake.limits.maxDepth
        let result = try await request.withJSON(upTo: limits.maxBodyBytes, depth: depth, budget) { ref in
            await services.intake.putProfile(ref, id: id)
        }
        switch result.outcome {
        case .stored:
            return .json { writer in
                writer.object { writer in
                    writer.key("id")
                    writer.value(id)
                    writer.key("status")
                    writer.value("stored")
                }
            }
        case .rejected(var problem):
            problem.line = nil
            throw Problem(problem)
        case .notStored(let error): throw Problem(error)
        }
    }

    /// Profiles as NDJSON or an array. 200 when all are stored, 207 when some are.
    @Sendable private func importBatch(_ request: Request, _ context: APIContext) async throws -> Response {
        let form = try request.bodyForm()
        let results = try await request.withBody(upTo: limits.maxBatchBytes, budget) { bytes in
            try await importBatch(bytes, form)
        }
        guard !results.isEmpty else {
            throw Problem(
                .badRequest, "empty_batch", "The batch is empty.",
                expected: "one JSON object a line, or an array of them")
        }
        return .json(status(of: results)) { Wire.write(results, to: &$0) }
    }

    private func importBatch(_ bytes: [UInt8], _ form: BodyForm) async throws(Problem) -> [ProfileResult] {
        switch form {
        case .ndjson:
            try checkCount(bytes.count { $0 == 0x0A })
            let lines = NDJSONLines(bytes, maxLineBytes: services.intake.limits.maxLineBytes)
            return await services.intake.importProfiles(lines)
        case .json:
            let depth = services.intake.limits.maxDepth + 1
            let root = try parsed(bytes, JSONLimits(maxDepth: depth, maxBytes: limits.maxBatchBytes))
            guard root.kind == .array else { return [await services.intake.putProfile(root)] }
            try checkCount(root.count)
            return await services.intake.importProfiles(elementsOf: root)
        }
    }

    private func status(of results: [ProfileResult]) -> HTTPResponse.Status {
        var stored = 0
        var failures = 0
        for result in results {
            switch result.outcome {
            case .stored: stored += 1
            case .rejected: break
            case .notStored: failures += 1
            }
        }
        if stored == results.count { return .ok }
        if stored > 0 { return .multiStatus }
        return failures > 0 ? .serviceUnavailable : .unprocessableContent
    }

    private func checkCount(_ count: Int) throws(Problem) {
        let most = services.intake.limits.maxBatch
        guard count > most else { return }
        throw Problem(
            .contentTooLarge, "too_many", "The batch has \(count) entries; at most \(most) are taken at once.",
            expected: "several batches")
    }

    @Sendable private func show(_ request: Request, _ context: APIContext) async throws -> Response {
        let id = try context.parameter("id")
        guard let profile = try await services.store.profile(id) else { throw Problem.notFound("profile of this id") }
        return .json { Wire.write(profile, to: &$0) }
    }

    @Sendable private func timeline(_ request: Request, _ context: APIContext) async throws -> Response {
        let id = try context.parameter("id")
        let query = try QueryReader(request, known: ["limit"])
        let limit = try query.int("limit", default: 50, in: 1...1_000)
        let items = try await services.store.timeline(recipient: id, limit: limit)
        return .json { writer in
            writer.object { writer in
                writer.key("recipient")
                writer.value(id)
                writer.key("messages")
                writer.array { writer in
                    for item in items { Wire.write(item.message, last: item.last, to: &writer) }
                }
            }
        }
    }
}
