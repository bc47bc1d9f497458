import HTTPTypes
import Hummingbird
import SobreStore
import SobreWire
import Text

/// Rejects requests whose API key lacks the scope.
struct Authorize: RouterMiddleware {
    let keys: KeyRing
    let scope: APIScope
    let connections: ConnectionRegistry

    func handle(
        _ request: Request, context: APIContext, next: @concurrent (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        try await admit(request, &context)
        let author = try Self.author(request, context.caller)
        return try await Author.$current.withValue(author) { [context] in try await next(request, context) }
    }

    /// A header with the reason for a change, in the caller's words: UTF-8 with percent escapes.
    static let note = HTTPField.Name("Sobre-Note")!
    /// A header with the name of the user whose command calls. It counts for the owner of the data directory only.
    static let user = HTTPField.Name("Sobre-User")!
    /// The largest number of bytes of either, without the escapes.
    private static let maxHeaderBytes = 500

    /// Who makes the changes of a request, and why.
    private static func author(_ request: Request, _ caller: KeyRing.Caller) throws(Problem) -> Author {
        var author = Author(name: caller.name, note: try text(request, note) ?? "")
        if case .key(KeyRing.ownerID, _) = caller, let user = try text(request, user) {
            author.name = "command:\(user)"
        }
        return author
    }

    private static func text(_ request: Request, _ name: HTTPField.Name) throws(Problem) -> String? {
        guard let raw = request.headers[name] else { return nil }
        guard let text = PercentEncoding.decode(raw), text.utf8.count <= maxHeaderBytes,
            text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else {
            throw Problem(
                .badRequest, "invalid_header", "The header \(name) cannot be read.", field: name.rawName,
                expected: "at most \(maxHeaderBytes) bytes of text, with percent escapes and without control characters"
            )
        }
        return text
    }

    /// Authenticates a request, and notes in its context and for its connection whether the caller is known.
    ///
    /// - Parameters:
    ///   - request: the request.
    ///   - context: gets the caller.
    ///   - allowsBasic: as in ``caller(of:allowsBasic:)``.
    /// - Throws: a `Problem` when nobody calls who may.
    func admit(_ request: Request, _ context: inout APIContext, allowsBasic: Bool = false) async throws(Problem) {
        do {
            context.caller = try await caller(of: request, allowsBasic: allowsBasic)
        } catch {
            // A key without the scope is a key.
            if error.status == .unauthorized { connections.note(isKnown: false, context.channel) }
            throw error
        }
        context.isKnown = true
        connections.note(isKnown: true, context.channel)
    }

    /// Authenticates a request.
    ///
    /// - Parameters:
    ///   - request: the request.
    ///   - allowsBasic: whether the key may be the password of Basic authentication: providers call a URL
    ///     `https://anything:KEY@host/…` and cannot send a header of their own.
    /// - Returns: who calls, with the scope.
    /// - Throws: a `Problem` when nobody does who may.
    func caller(of request: Request, allowsBasic: Bool = false) async throws(Problem) -> KeyRing.Caller {
        var authorization = request.headers[.authorization]
        if allowsBasic, let password = authorization.flatMap(Self.basicPassword) {
            authorization = "Bearer \(password)"
        }
        let caller: KeyRing.Caller
        do {
            caller = try await keys.caller(authorization: authorization)
        } catch {
            switch error {
            case .store(let error): throw Problem(error)
            case .refused(.missing):
                throw Self.unauthorized(
                    "unauthorized", "This request needs an API key.", expected: "a header Authorization: Bearer sobre_…"
                )
            case .refused(.invalid):
                throw Self.unauthorized(
                    "invalid_key", "The API key is unknown, revoked or expired.",
                    expected: "a key created with \"sobre keys create\"")
            }
        }
        if caller == .local { try refuseOtherOrigins(request) }
        guard caller.may(scope) else {
            throw Problem(
                .forbidden, "missing_scope", "The API key does not have the scope \"\(scope.rawValue)\".",
                expected: scope == .admin
                    ? "a key with the scope \"admin\"" : "a key with the scope \"\(scope.rawValue)\" or \"admin\"")
        }
        return caller
    }

    /// The password of `Basic base64(user:password)` (RFC 7617); nil for another scheme.
    private static func basicPassword(_ authorization: String) -> String? {
        guard authorization.utf8.count <= 1_024, authorization.prefix(6).lowercased() == "basic ",
            let bytes = try? Base64.decode(String(authorization.dropFirst(6).drop { $0 == " " })),
            let text = String(validating: bytes, as: UTF8.self), let colon = text.firstIndex(of: ":")
        else { return nil }
        return String(text[text.index(after: colon)...])
    }

    /// Without keys, any program on this machine may call. A browser would let any web page do so too, through a name
    /// that resolves to this machine (DNS rebinding) or with a cross-origin request. Host and `Origin` must therefore
    /// be loopback.
    private func refuseOtherOrigins(_ request: Request) throws(Problem) {
        let host = request.head.authority.map { Self.hostName(of: $0[...]) } ?? "localhost"
        let origin = request.headers[.origin].map { origin in
            Self.hostName(of: origin.index(behindFirst: "://").map { origin[$0...] } ?? origin[...])
        }
        guard HTTPServer.isLoopback(host), origin.map(HTTPServer.isLoopback) ?? true else {
            throw Problem(
                .forbidden, "foreign_origin", "Without an API key, only requests from this machine are accepted.",
                expected: "a loopback Host and Origin such as localhost, or an API key")
        }
    }

    /// The host of `host:port` or `[::1]:port`.
    private static func hostName(of authority: Substring) -> String {
        if authority.first == "[" { return String(authority.dropFirst().prefix { $0 != "]" }) }
        return String(authority.prefix { $0 != ":" })
    }

    private static func unauthorized(_ code: String, _ detail: String, expected: String) -> Problem {
        var problem = Problem(.unauthorized, code, detail, expected: expected)
        problem.headers[.wwwAuthenticate] = "Bearer"
        return problem
    }
}

extension String {
    /// The index after the first occurrence of `marker`, or nil if there is none.
    fileprivate func index(behindFirst marker: String) -> Index? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(marker) { return index(start, offsetBy: marker.count) }
            start = index(after: start)
        }
        return nil
    }
}
