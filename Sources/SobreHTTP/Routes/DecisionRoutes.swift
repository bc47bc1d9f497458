import HTTPTypes
import Hummingbird
import JSON
import SobreIntake
import SobreModel
import SobreSettings
import SobreWire

/// `POST /v1/decisions`: decides for a message without sending it.
struct DecisionRoutes: Sendable {
    let services: APIServices
    let limits: HTTPLimits
    let traffic: HTTPTraffic

    func add(reading: RouterGroup<APIContext>) { reading.post("decisions", use: decide) }

    @Sendable private func decide(_ request: Request, _ context: APIContext) async throws -> Response {
        guard let dryRun = services.dryRun else {
            throw Problem(.notImplemented, "no_dry_run", "This server does not support dry runs.")
        }
        let depth = services.intake.limits.maxDepth
        let (draft, at) = try await request.withJSON(upTo: limits.maxBodyBytes, depth: depth, traffic, context) { ref in
            try check(ref)
        }
        let decisions = try await dryRun(draft, at)
        return .json { writer in
            writer.object { writer in
                writer.key("at")
                writer.value((at ?? services.clock.now()).rfc3339)
                writer.key("decisions")
                writer.array { writer in
                    for (channel, decision) in decisions { Wire.write(decision, channel: channel, to: &writer) }
                }
            }
        }
    }

    private func check(_ ref: JSONRef) throws(Problem) -> (MessageDraft, Instant?) {
        do { return try services.intake.checkDecision(ref) } catch { throw Problem(error) }
    }
}
