import HTTPTypes
import Hummingbird

/// Admits requests without a key, as those of unknown callers. A route that finds a valid key makes its caller known.
struct AdmitWithoutKey: RouterMiddleware {
    let traffic: HTTPTraffic

    func handle(
        _ request: Request, context: APIContext, next: @concurrent (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        traffic.connections.note(isKnown: false, context.channel)
        // A request with a body waits for its turn when the body has arrived, so that a slow body takes no turn.
        if request.hasBody { return try await next(request, context) }
        return try await traffic.handle(context) { [context] in
            var context = context
            context.hasTurn = true
            return try await next(request, context)
        }
    }
}
