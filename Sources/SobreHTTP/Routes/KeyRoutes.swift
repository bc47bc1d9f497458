import HTTPTypes
import Hummingbird
import JSON
import SobreIntake
import SobreModel
import SobreSettings
import SobreStore
import SobreWire

/// `/v1/keys`: list, create and revoke API keys. The command line uses these routes while a server runs, because only
/// one process may own the data directory.
struct KeyRoutes: Sendable {
    let services: APIServices
    let limits: HTTPLimits
    let keys: KeyRing
    let traffic: HTTPTraffic

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
                writer.array { writer in for record in records { writer.object { Wire.members(of: record, to: &$0) } } }
            }
        }
    }

    /// Creates a key from `{"label": …, "scopes": […], "expires_at": …}`. Only this response contains the key itself.
    @Sendable private func make(_ request: Request, _ context: APIContext) async throws -> Response {
        let depth = services.intake.limits.maxDepth
        let order = try await request.withJSON(upTo: limits.maxBodyBytes, depth: depth, traffic, context) { ref in
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
                Wire.members(of: record, to: &writer)
            }
        }
    }

    private func read(_ ref: JSONRef) throws(Problem) -> APIKeyOrder {
        do { return try APIKeyOrder(ref, labelBytes: services.intake.limits.maxNameBytes) } catch {
            throw Problem(error)
        }
    }

    @Sendable private func revoke(_ request: Request, _ context: APIContext) async throws -> Response {
        let id = try context.parameter("id")
        guard try await services.store.revoke(key: id) else { throw Problem.notFound("key of this id") }
        keys.invalidate()
        return Response(status: .noContent)
    }
}
