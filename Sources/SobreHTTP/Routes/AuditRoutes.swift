import Hummingbird
import JSON
import SobreStore
import SobreWire

/// `GET /v1/audit`: who changed what by a key or a command.
struct AuditRoutes: Sendable {
    let services: APIServices

    static let parameters = ["by", "action", "since", "until", "limit", "before"]

    func add(administering: RouterGroup<APIContext>) { administering.get("audit", use: list) }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        let query = try QueryReader(request, known: Self.parameters)
        let filter = AuditQuery(
            before: try query.sequence("before"), limit: try query.int("limit", default: 100, in: 1...1_000),
            author: try query.text("by", atMost: 500),
            actions: try query.names("action", known: AuditAction.allCases.map(\.rawValue)) {
                AuditAction(rawValue: $0)
            }, since: try query.instant("since"), until: try query.instant("until"))
        let entries = try await services.store.audit(filter)
        return .json { writer in
            writer.object { writer in
                writer.key("entries")
                writer.array { writer in for entry in entries { Wire.write(entry, to: &writer) } }
                // A full page may be followed by another one.
                if entries.count == filter.limit, let last = entries.last {
                    writer.key("next_before")
                    writer.value(last.sequence)
                }
            }
        }
    }
}
