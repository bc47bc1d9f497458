import HTTPTypes
import Hummingbird
import Logging
import SobreModel

/// Names each request in its answer, as the server's log does, and the caller's trace in the log.
struct RequestID: RouterMiddleware {
    func handle(
        _ request: Request, context: APIContext, next: @concurrent (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        if let trace = request.trace { context.logger[metadataKey: "trace_id"] = "\(trace.traceID)" }
        var response = try await next(request, context)
        response.headers[.requestID] = context.id
        return response
    }
}

extension HTTPField.Name {
    static let requestID = HTTPField.Name("X-Request-Id")!
    static let traceParent = HTTPField.Name("traceparent")!
}

extension Request {
    /// The caller's place in a trace. A header that is not valid, or that is there twice, is ignored (W3C Trace Context,
    /// §4.3).
    var trace: TraceParent? {
        guard let value = headers[.traceParent] else { return nil }
        // The values of several lines are joined by commas, which no valid value contains.
        return TraceParent(value)
    }
}
