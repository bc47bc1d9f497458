import Hummingbird

/// Answers each request in a child task of its connection's task.
///
/// A task keeps the memory of its deepest chain of calls until it ends, and a connection's task lasts as long as the
/// connection. The way through the middleware to a route takes about 10 KB, which each idle connection would keep after
/// its first request. The child task frees it with the response.
struct RequestTask<Responder: HTTPResponder>: HTTPResponder where Responder.Context: Sendable {
    typealias Context = Responder.Context

    let responder: Responder

    @Sendable
    func respond(to request: Request, context: Context) async throws -> Response {
        async let response = responder.respond(to: request, context: context)
        return try await response
    }
}
