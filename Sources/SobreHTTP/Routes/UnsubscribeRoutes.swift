import HTTPTypes
import Hummingbird
import NIOCore
import SobreIntake
import SobreSettings

/// `/u/{token}`: the unsubscribe link for recipients and mail clients (RFC 8058). It needs no key, sets no cookie and
/// never redirects.
///
/// GET shows a page with one button and changes nothing, because mail scanners and prefetchers open every link. Only
/// POST unsubscribes.
struct UnsubscribeRoutes: Sendable {
    let services: APIServices
    let limits: HTTPLimits
    let traffic: HTTPTraffic

    private static let maxEvidence = 300

    func add(open: RouterGroup<APIContext>) {
        open.get("u/{token}", use: show)
        // HEAD must have no body: the client would take it for the next response on the connection.
        open.head("u/{token}") { request, context in try await show(request, context).createHeadResponse() }
        open.post("u/{token}", use: unsubscribe)
    }

    @Sendable private func show(_ request: Request, _ context: APIContext) async throws -> Response {
        guard let optOuts = services.optOuts, let token = token(context, optOuts) else {
            return page(.notFound, UnsubscribePage.unknown)
        }
        return page(.ok, UnsubscribePage.question(optOuts.scope(of: token)))
    }

    @Sendable private func unsubscribe(_ request: Request, _ context: APIContext) async throws -> Response {
        // The token is verified before the body is read, so an invalid request costs at most one HMAC.
        guard let optOuts = services.optOuts, let token = token(context, optOuts) else {
            return page(.notFound, UnsubscribePage.unknown)
        }
        let isOneClick = try await request.withBody(upTo: limits.maxFormBytes, traffic, context) { bytes in
            String(decoding: bytes, as: UTF8.self).contains("One-Click")
        }
        var evidence = "\(isOneClick ? "one click" : "POST") on the link of delivery \(token.delivery)"
        if let address = context.channel.remoteAddress?.ipAddress { evidence += " from \(address)" }
        if let agent = request.headers[.userAgent] { evidence += ", \(agent)" }
        let kept = evidence.unicodeScalars.prefix(Self.maxEvidence).map { $0.value < 0x20 ? " " : Character($0) }
        try await optOuts.unsubscribe(token, evidence: String(kept))
        return page(.ok, UnsubscribePage.done(optOuts.scope(of: token)))
    }

    private func token(_ context: APIContext, _ optOuts: OptOuts) -> UnsubscribeToken? {
        context.parameters.get("token").flatMap { optOuts.token($0) }
    }

    private func page(_ status: HTTPResponse.Status, _ text: String) -> Response {
        var headers: HTTPFields = [.contentType: "text/html; charset=utf-8", .cacheControl: "no-store"]
        // The page loads nothing, cannot be framed, and does not leak its URL in `Referer`.
        for (name, value) in [
            ("Content-Security-Policy", UnsubscribePage.contentPolicy), ("Referrer-Policy", "no-referrer"),
            ("X-Content-Type-Options", "nosniff"), ("X-Robots-Tag", "noindex"),
        ] {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: text)))
    }
}
