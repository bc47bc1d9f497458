import HTTPTypes
import Hummingbird
import SobreStore

/// Lets a request pass if its key has the scope.
struct Authorize: RouterMiddleware {
    let keys: KeyRing
    let scope: APIScope

    func handle(
        _ request: Request, context: APIContext, next: @concurrent (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.caller = try await caller(of: request)
        return try await next(request, context)
    }

    private func caller(of request: Request) async throws(Problem) -> KeyRing.Caller {
        let caller: KeyRing.Caller
        do {
            caller = try await keys.caller(authorization: request.headers[.authorization])
        } catch {
            switch error {
            case .store(let error): throw Problem(error)
            case .refused(.missing):
                throw Self.unauthorized(
                    "unauthorized", "This needs an API key.", expected: "a header Authorization: Bearer sobre_…")
            case .refused(.invalid):
                throw Self.unauthorized(
                    "invalid_key", "The API key is unknown, revoked or expired.",
                    expected: "a key made by \"sobre keys add\"")
            }
        }
        guard caller.may(scope) else {
            throw Problem(
                .forbidden, "missing_scope", "The API key does not have the scope \"\(scope.rawValue)\".",
                expected: "a key with the scope \"\(scope.rawValue)\" or \"admin\"")
        }
        return caller
    }

    private static func unauthorized(_ code: String, _ detail: String, expected: String) -> Problem {
        var problem = Problem(.unauthorized, code, detail, expected: expected)
        problem.headers[.wwwAuthenticate] = "Bearer"
        return problem
    }
}
