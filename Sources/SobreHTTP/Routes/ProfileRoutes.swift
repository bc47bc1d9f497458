import HTTPTypes
import Hummingbird
import JSON
import SobreIntake
import SobreModel
import SobreSettings
import SobreStore
import SobreWire

/// `/v1/profiles`: put, patch, merge, show and erase profiles, and show their timelines.
struct ProfileRoutes: Sendable {
    let services: APIServices
    let limits: HTTPLimits
    let traffic: HTTPTraffic

    func add(
        sending: RouterGroup<APIContext>, reading: RouterGroup<APIContext>, administering: RouterGroup<APIContext>
    ) {
        sending.put("profiles/{id}", use: put)
        sending.patch("profiles/{id}", use: patch)
        sending.post("profiles", use: importBatch)
        sending.post("profiles/{id}/merge", use: merge)
        administering.delete("profiles/{id}", use: erase)
        reading.get("profiles/{id}", use: show)
        reading.get("profiles/{id}/timeline", use: timeline)
    }

    private var depth: Int { services.intake.limits.maxDepth }

    @Sendable private func put(_ request: Request, _ context: APIContext) async throws -> Response {
        let id = try context.parameter("id")
        let condition = try request.profileCondition()
        guard condition == .none else { return try await replace(id, if: condition, request, context) }
        let result = try await request.withJSON(upTo: limits.maxBodyBytes, depth: depth, traffic, context) { ref in
            await intake(for: context).putProfile(ref, id: id)
        }
        switch result.outcome {
        case .stored, .superseded:
            return .json { Wire.write(status: "stored", of: id, to: &$0) }
        case .rejected(var problem):
            problem.line = nil
            throw Problem(problem)
        case .notStored(let error): throw Problem(error)
        }
    }

    /// Replaces a profile that the caller has read.
    private func replace(
        _ id: String, if condition: ProfileCondition, _ request: Request, _ context: APIContext
    ) async throws -> Response {
        let change = try await request.withJSON(upTo: limits.maxBodyBytes, depth: depth, traffic, context) { ref in
            await intake(for: context).replaceProfile(ref, id: id, if: condition)
        }
        switch change {
        case .changed(let profile):
            return .json(headers: tag(of: profile, for: context)) { Wire.write(status: "stored", of: id, to: &$0) }
        case .rejected(var problem):
            problem.line = nil
            throw Problem(problem)
        case .notStored(let error): throw Problem(error)
        }
    }

    /// The new version of a profile, for callers that may read it.
    private func tag(of profile: Profile, for context: APIContext) -> HTTPFields {
        context.caller.may(.read) ? [.eTag: EntityTag(ProfileVersion(profile)).text] : [:]
    }

    /// The intake as the caller may use it: its problems name other people to callers that may read them.
    private func intake(for context: APIContext) -> Intake {
        services.intake.acting(as: context.caller.name, namingOthers: context.caller.may(.read))
    }

    /// A JSON Merge Patch (RFC 7396), also under its own media type. The changed profile is the answer to a caller that
    /// may read profiles; another learns that it was changed.
    @Sendable private func patch(_ request: Request, _ context: APIContext) async throws -> Response {
        let id = try context.parameter("id")
        let condition = try request.profileCondition()
        let change = try await request.withJSON(upTo: limits.maxBodyBytes, depth: depth, traffic, context) { ref in
            await intake(for: context).patchProfile(ref, id: id, if: condition)
        }
        switch change {
        case .changed(let profile):
            guard context.caller.may(.read) else { return .json { Wire.write(status: "changed", of: id, to: &$0) } }
            return .json(headers: tag(of: profile, for: context)) { Wire.write(profile, to: &$0) }
        case .rejected(let problem): throw Problem(problem)
        case .notStored(let error): throw Problem(error)
        }
    }

    @Sendable private func merge(_ request: Request, _ context: APIContext) async throws -> Response {
        let id = try context.parameter("id")
        let result = try await request.withJSON(upTo: limits.maxBodyBytes, depth: depth, traffic, context) { ref in
            await intake(for: context).mergeProfile(ref, into: id)
        }
        switch result {
        case .success(let merge):
            guard context.caller.may(.read) else {
                return .json { Wire.write(status: merge.status, of: id, to: &$0) }
            }
            return .json { Wire.write(merge, to: &$0) }
        case .failure(.rejected(let problem)): throw Problem(problem)
        case .failure(.notStored(let error)): throw Problem(error)
        }
    }

    @Sendable private func erase(_ request: Request, _ context: APIContext) async throws -> Response {
        let id = try context.parameter("id")
        if request.headers[.ifMatch] != nil {
            throw Problem(
                .badRequest, "invalid_header", "A person is erased whatever the profile says.", field: "If-Match",
                expected: "a request without If-Match")
        }
        guard let erasure = try await services.store.erase(id) else { throw Problem.notFound("profile of this id") }
        return .json { Wire.write(erasure, to: &$0) }
    }

    /// Imports profiles as NDJSON or an array. Answers 200 if all are stored, 207 if some are.
    @Sendable private func importBatch(_ request: Request, _ context: APIContext) async throws -> Response {
        let intake = intake(for: context)
        return try await request.batch(limits, intake.limits, traffic, context) { lines in
            await intake.importProfiles(lines)
        } json: { root in
            root.kind == .array
                ? await intake.importProfiles(elementsOf: root) : [await intake.putProfile(root)]
        }
    }

    @Sendable private func show(_ request: Request, _ context: APIContext) async throws -> Response {
        let id = try context.parameter("id")
        guard let profile = try await services.store.profile(id) else { throw Problem.notFound("profile of this id") }
        var writer = JSONWriter()
        Wire.write(profile, to: &writer)
        let headers: HTTPFields = [.contentType: "application/json", .cacheControl: "no-store"]
        return .ifChanged(request, EntityTag(ProfileVersion(document: writer.bytes)), headers: headers) {
            ByteBuffer(bytes: writer.bytes)
        }
    }

    /// The newest messages, consents and suppression changes of a profile. Each list is newest first.
    @Sendable private func timeline(_ request: Request, _ context: APIContext) async throws -> Response {
        let id = try context.parameter("id")
        let query = try QueryReader(request, known: ["limit", "before"])
        let limit = try query.int("limit", default: 50, in: 1...1_000)
        let before = try query.text("before").map { text throws(Problem) in
            guard let cursor = TimelineCursor(text) else {
                throw QueryReader.problem(
                    "before", "\"before\" is not a cursor of this list.", "\"next_before\" of a page")
            }
            return cursor
        }
        let timeline = try await Timeline.read(id, before: before, limit: limit, from: services.store)
        if timeline.isEmpty, try await services.store.profile(id) == nil {
            throw Problem.notFound("profile of this id, and nothing is known of such a person")
        }
        return .json { writer in
            writer.object { writer in
                writer.key("recipient")
                writer.value(id)
                writer.key("messages")
                writer.array { writer in
                    for item in timeline.items { Wire.write(item.message, last: item.last, to: &writer) }
                }
                writer.key("consents")
                writer.array { writer in
                    for record in timeline.consents.reversed() { Wire.write(record, to: &writer) }
                }
                writer.key("suppressions")
                writer.array { writer in
                    for record in timeline.suppressions.reversed() { Wire.write(record, to: &writer) }
                }
                writer.member("next_before", ifPresent: timeline.next?.description)
            }
        }
    }
}
