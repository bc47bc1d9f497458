import HTTPTypes
import Hummingbird
import JSON
import SobreIntake
import SobreModel
import SobreSettings
import SobreStore

/// `/v1/keys`: list, make and revoke API keys. The command line uses these on a running server, because one process owns
/// the data directory.
struct KeyRoutes: Sendable {
    let services: APIServices
    let limits: HTTPLimits
    let keys: KeyRing
    let budget: BodyBudget

    func add(administering: RouterGroup<APIContext>) {
        administering.get("keys", use: list)
        administering.post("keys", use: make)
        administering.delete("keys/{id}", use: revoke)
    }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        let records = try await services.store.keys()
        return .json { writer in
            writer.object { writer in
                writer.key("keys")
                writer.array { writer in for record in records { writer.object { members(of: record, to: &$0) } } }
            }
        }
    }

    /// Makes a key from `{"label": …, "scopes": […], "expires_at": …}` and shows it, this once.
    @Sendable private func make(_ request: Request, _ context: APIContext) async throws -> Response {
        let depth = services.intake.limits.maxDepth
        let order = try await request.withJSON(upTo: limits.maxBodyBytes, depth: depth, budget) { ref in
            try read(ref)
        }
        let key = APIKey.generate()
        let record = key.record(
            label: order.label, scopes: order.scopes, createdAt: services.clock.now(), expiresAt: order.expiresAt)
        try await services.store.add(key: record)
        keys.invalidate()
        return .json(.created) { writer in
            writer.object { writer in
                writer.key("key")
                writer.value(key.secret)
                members(of: record, to: &writer)
            }
        }
    }

    private func read(_ ref: JSONRef) throws(Problem) -> APIKeyOrder {
        do { return try APIKeyOrder(ref) } catch { throw Problem(error) }
    }

    @Sendable private func revoke(_ request: Request, _ context: APIContext) async throws -> Response {
        let id = try context.parameter("id")
        guard try await services.store.revoke(key: id) else { throw Problem.notFound("key of this id") }
        keys.invalidate()
        return Response(status: .noContent)
    }

    private func members(of record: APIKeyRecord, to writer: inout JSONWriter) {
        writer.key("id")
        writer.value(record.id)
        writer.key("label")
        writer.value(record.label)
        writer.key("scopes")
        writer.value(record.scopes.sorted())
        writer.key("created_at")
        writer.value(record.createdAt.rfc3339)
        writer.member("expires_at", ifPresent: record.expiresAt?.rfc3339)
    }
}

/// What a new key shall be.
struct APIKeyOrder {
    var label = ""
    var scopes: Set<APIScope> = []
    var expiresAt: Instant?

    init(_ ref: JSONRef) throws(IntakeProblem) {
        let names = APIScope.allCases.map(\.rawValue).joined(separator: ", ")
        for (key, value) in ref.members {
            switch key.string {
            case "label": label = String((value.string ?? "").prefix(100))
            case "scopes":
                for element in value.elements {
                    guard let scope = element.string.flatMap({ APIScope(rawValue: $0) }) else {
                        throw IntakeProblem(
                            .invalidValue, field: element.path, message: "There is no such scope.", expected: names)
                    }
                    scopes.insert(scope)
                }
            case "expires_at":
                if value.isNull { continue }
                guard let instant = value.string.flatMap({ Instant(rfc3339: $0) }) else {
                    throw IntakeProblem(
                        .invalidValue, field: "expires_at", message: "This is not a time.",
                        expected: "an RFC 3339 time such as 2027-01-01T00:00:00Z")
                }
                expiresAt = instant
            default:
                throw IntakeProblem(
                    .unknownKey, field: key.path, message: "The key is unknown here.",
                    expected: "label, scopes, expires_at")
            }
        }
        guard !label.isEmpty else {
            throw IntakeProblem(
                .missingField, field: "label", message: "\"label\" is missing.", expected: "what the key is for")
        }
        guard !scopes.isEmpty else {
            throw IntakeProblem(.missingField, field: "scopes", message: "\"scopes\" is missing.", expected: names)
        }
    }
}
