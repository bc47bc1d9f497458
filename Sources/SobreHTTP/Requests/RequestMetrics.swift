import HTTPTypes
import Hummingbird
import Metrics
import Synchronization

/// Counts and times requests by route, method and status.
final class RequestMetrics: RouterMiddleware {
    private struct Key: Hashable {
        var route: String
        var method: String
        var status: Int
    }

    private struct Series {
        var count: Counter
        var time: Timer
    }

    private let factory: PrometheusFactory
    private let series = Mutex<[Key: Series]>([:])

    init(factory: PrometheusFactory) { self.factory = factory }

    func handle(
        _ request: Request, context: APIContext, next: @concurrent (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        let response = try await next(request, context)
        let key = Key(
            route: context.endpointPath ?? "none", method: Self.name(of: request.method), status: response.status.code)
        let elapsed = (ContinuousClock.now - start).components
        let series = series(for: key)
        series.count.increment()
        series.time.recordNanoseconds(elapsed.seconds * 1_000_000_000 + elapsed.attoseconds / 1_000_000_000)
        return response
    }

    /// Unusual methods share one label, so that a client cannot create series.
    private static func name(of method: HTTPRequest.Method) -> String {
        switch method {
        case .get, .head, .post, .put, .patch, .delete, .options: method.rawValue
        default: "other"
        }
    }

    private func series(for key: Key) -> Series {
        series.withLock { series in
            if let known = series[key] { return known }
            let dimensions = [("route", key.route), ("method", key.method), ("status", String(key.status))]
            let new = Series(
                count: Counter(label: "sobre_http_requests_total", dimensions: dimensions, factory: factory),
                time: Timer(label: "sobre_http_request_seconds", dimensions: dimensions, factory: factory))
            series[key] = new
            return new
        }
    }
}
