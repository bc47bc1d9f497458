import HTTPTypes
import Hummingbird
import JSON
import SobreStore
import SobreWire

/// `/v1/sources`: the logs that messages are taken from, and their rejected records.
struct SourceRoutes: Sendable {
    let services: APIServices

    func add(reading: RouterGroup<APIContext>) {
        reading.get("sources", use: list)
        reading.get("sources/{name}/rejects", use: rejects)
    }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        _ = try QueryReader(request, known: [])
        let statuses = try await services.sources()
        return .json { writer in writer.object { Wire.write(statuses, to: &$0) } }
    }

    /// The newest rejected records. Those of a source that is no longer in the settings are kept, too.
    @Sendable private func rejects(_ request: Request, _ context: APIContext) async throws -> Response {
        let name = try context.parameter("name")
        let query = try QueryReader(request, known: ["limit", "before"])
        let limit = try query.int("limit", default: 50, in: 1...1_000)
        let before = try query.sequence("before", of: "\"next_before\" of a page")
        // One more than asked for shows whether there is a next page.
        let found = try await services.store.rejects(ofSource: name, before: before, limit: limit + 1)
        if found.isEmpty, !(try await services.sources().contains { $0.name == name }) {
            throw Problem.notFound("source with this name")
        }
        let page = Array(found.prefix(limit))
        let next = found.count > limit ? page.last?.sequence : nil
        return .json { writer in writer.object { Wire.write(rejects: page, next: next, to: &$0) } }
    }
}
