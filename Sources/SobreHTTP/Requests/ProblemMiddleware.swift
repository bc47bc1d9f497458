import HTTPTypes
import Hummingbird
import Logging
import NIOHTTP1
import SobreSettings
import SobreStore

/// Turns every error into a problem response. Unexpected errors are logged, and their details are not shown to the
/// client.
struct ProblemMiddleware: RouterMiddleware {
    let limits: HTTPLimits
    let routes: RouteTable

    func handle(
        _ request: Request, context: APIContext, next: @concurrent (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let problem as Problem {
            return problem.response()
        } catch let error as StoreError {
            let problem = Problem(error)
            // A cursor that is none is the client's fault.
            if problem.status.kind == .serverError {
                context.logger.error("store failure", metadata: ["error": "\(error)"])
            }
            return problem.response()
        } catch let error as HTTPParserError {
            // Hummingbird and ``ConnectionGuard`` answer these.
            throw error
        } catch let failure as ConnectionGuard.Failure {
            return response(to: failure)
        } catch let error as HTTPError where error.status == .notFound {
            return noRoute(request).response()
        } catch is CancellationError {
            return Problem(.serviceUnavailable, "stopping", "The server is stopping; try again shortly.").response()
        } catch {
            context.logger.error("unexpected error", metadata: ["error": "\(error)"])
            return Problem(
                .internalServerError, "internal",
                "The request failed. The server's log has the reason under request \(context.id)."
            ).response()
        }
    }

    private func noRoute(_ request: Request) -> Problem {
        let method = request.method.rawValue
        guard let allowed = routes.allowed(request.uri.path) else {
            return Problem(.notFound, "no_such_route", "There is no route \(method) \(request.uri.path).")
        }
        var problem = Problem(
            .methodNotAllowed, "method_not_allowed", "\(request.uri.path) does not support \(method).",
            expected: allowed)
        problem.headers[.allow] = allowed
        return problem
    }

    private func response(to failure: ConnectionGuard.Failure) -> Response {
        var problem =
            switch failure {
            case .bodyTooLarge: Problem.bodyTooLarge(limit: limits.maxBatchBytes)
            case .bodyTimeout:
                Problem(.requestTimeout, "body_timeout", "The body did not arrive within \(limits.bodyTimeout).")
            case .bodyTooSlow:
                Problem(
                    .requestTimeout, "body_too_slow",
                    "The body arrives with less than \(limits.minBodyRate) bytes per second.")
            }
        problem.closesConnection = true
        return problem.response()
    }
}
