import Hummingbird
import JSON
import SobreIntake
import SobreModel
import SobreSettings
import SobreStore
import SobreWire

/// `POST /v1/messages/retry` and `POST /v1/messages/cancel`: changes of everything that matches a filter.
struct StateOrderRoutes: Sendable {
    let services: APIServices
    let limits: HTTPLimits
    let traffic: HTTPTraffic

    /// The largest and the usual number of messages in one request.
    private static let maxMessages = 10_000
    private static let usualMessages = 1_000

    func add(administering: RouterGroup<APIContext>) {
        administering.post("messages/retry") { try await carryOut(.retry, $0, $1) }
        administering.post("messages/cancel") { try await carryOut(.cancel, $0, $1) }
    }

    /// Carries out one part of an order, in steps between which other writes run. The response says where the next part
    /// begins.
    @Sendable private func carryOut(
        _ action: StateAction, _ request: Request, _ context: APIContext
    ) async throws -> Response {
        let depth = services.intake.limits.maxDepth
        let part = try await request.withJSON(upTo: limits.maxBodyBytes, depth: depth, traffic, context) { ref in
            do {
                return try StateOrderReader(limits: services.intake.limits)
                    .read(ref, action, maxMessages: Self.maxMessages)
            } catch let problem as IntakeProblem { throw Problem(problem) }
        }
        var sum = StateOrderStep(next: part.after)
        let most = services.intake.limits.maxStateChanges
        var left = part.limit ?? Self.usualMessages
        repeat {
            let step = try await part.order.step(
                on: services.store, after: sum.next, limit: min(left, most), now: services.clock.now())
            sum.add(step)
            // A page without messages costs as much as a full one.
            left -= most
        } while left > 0 && sum.next != nil
        let result = sum
        return .json { Wire.write(result, of: part.order, to: &$0) }
    }
}
