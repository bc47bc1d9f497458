import HTTPTypes
import Hummingbird

/// Lets requests without a key in, as those of unknown callers. A route that finds a valid key makes its caller known.
struct OpenDoor: RouterMiddleware {
    let traffic: HTTPTraffic

    func handle(
        _ request: Request, context: APIContext, next: @concurrent (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        traffic.connections.note(isKnown: false, context.channel)
        // A request with a body waits for its turn when the body has arrived.
        guard request.method == .get || request.method == .head else { return try await next(request, context) }
        return try await traffic.handle(context) { try await next(request, context) }
    }
}
