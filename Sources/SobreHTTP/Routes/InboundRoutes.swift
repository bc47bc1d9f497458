import HTTPTypes
import Hummingbird
import JSON
import SobreIntake
import SobreModel
import SobreSettings
import SobreStore
import SobreWire
import Text

/// `POST /v1/inbound/CHANNEL`: messages from recipients, on channels that support replies. Handles STOP and similar
/// keywords.
struct InboundRoutes: Sendable {
    let services: APIServices
    let limits: HTTPLimits
    let keys: KeyRing
    let traffic: HTTPTraffic
    let rejections: ReceiptRejections

    func add(open: RouterGroup<APIContext>, reading: RouterGroup<APIContext>) {
        open.post("inbound/{channel}", use: receive)
        reading.get("inbound", use: list)
    }

    /// The newest messages that were not understood.
    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        let query = try QueryReader(request, known: ["limit", "before"])
        let limit = try query.int("limit", default: 50, in: 1...1_000)
        let before = try query.sequence("before", of: "\"next_before\" of a page")
        let page = try await services.store.unmatchedMessages(before: before, limit: limit)
        return .json { writer in
            writer.object { writer in Wire.write(unmatched: page.messages, next: page.next, to: &writer) }
        }
    }

    @Sendable private func receive(_ request: Request, _ context: APIContext) async throws -> Response {
        guard let optOuts = services.optOuts else {
            throw Problem(.notImplemented, "no_inbound", "This server does not accept inbound messages.")
        }
        let name = try context.parameter("channel")
        guard let channel = Channel(name: name), channel.acceptsOptOutKeywords else {
            let known = Channel.allCases.filter(\.acceptsOptOutKeywords).map(\.description).joined(separator: ", ")
            throw Problem(
                .notFound, "unknown_channel", "This channel does not accept inbound messages. These do: \(known).")
        }
        let isForm = request.isForm
        var context = context
        let proof = try await proof(of: request, &context)
        let message = try await request.withBody(upTo: limits.maxFormBytes, traffic, context) {
            bytes -> InboundMessage in
            let provider = try proof.map { try verify($0, request, bytes) }
            do {
                if isForm { return try InboundMessage(form: FormBody.fields(bytes), channel: channel, from: provider) }
                let root = try parsed(bytes, JSONLimits(maxDepth: 4, maxBytes: limits.maxFormBytes))
                return try InboundMessage(root, channel: channel, limits: services.intake.limits)
            } catch let problem as IntakeProblem { throw Problem(problem) }
        }
        let effect = try await optOuts.apply(message)
        if isForm {
            // An empty TwiML response: no reply is sent.
            return Response(
                status: .ok, headers: [.contentType: "text/xml"],
                body: .init(byteBuffer: ByteBuffer(string: "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>")))
        }
        return .json { writer in
            writer.object { writer in
                writer.key("heard")
                writer.value(effect.rawValue)
            }
        }
    }
}

extension InboundRoutes {
    /// Authenticates by an API key with the scope `receipts`, as a bearer token or as the password of Basic. A request
    /// without a key must be signed by a configured provider.
    ///
    /// - Returns: the registry that can verify the provider's signature; nil: a key was enough.
    private func proof(of request: Request, _ context: inout APIContext) async throws -> (any ReceiptRegistry)? {
        let isSigned = Self.signatures.contains { HTTPField.Name($0).map { request.headers[$0] != nil } ?? false }
        if request.headers[.authorization] == nil, isSigned, let registry = services.receipts { return registry }
        try await Authorize(keys: keys, scope: .receipts, connections: traffic.connections)
            .admit(request, &context, allowsBasic: true)
        return nil
    }

    private static let signatures = ["x-twilio-signature", "webhook-signature"]

    /// Verifies the provider's signature. Returns the provider's name.
    private func verify(
        _ registry: any ReceiptRegistry, _ request: Request, _ bytes: [UInt8]
    ) throws(Problem) -> String {
        let named = request.uri.queryParameters["provider"].map(String.init) ?? ""
        let call = ReceiptCall(
            provider: named, query: request.uri.query ?? "", headers: request.signedHeaders, body: bytes)
        do {
            return try registry.verifyInbound(call, path: request.uri.path, now: services.clock.now())
        } catch {
            rejections.count(provider: "inbound", reason: error.code)
            throw Problem(.unauthorized, error.code, error.message)
        }
    }
}

extension Request {
    /// Whether the body is `application/x-www-form-urlencoded`.
    var isForm: Bool {
        headers[.contentType]?.lowercased().hasPrefix("application/x-www-form-urlencoded") == true
    }
}

/// Parses form fields (WHATWG URL §5.1).
enum FormBody {
    /// Fields with an invalid escape are skipped. If a name repeats, the first field counts. At most 201 fields are
    /// read.
    static func fields(_ bytes: [UInt8]) -> [String: String] {
        var fields: [String: String] = [:]
        for part in bytes.split(separator: UInt8(ascii: "&"), maxSplits: 200) {
            let halves = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = text(halves[0]), let value = halves.count > 1 ? text(halves[1]) : "" else { continue }
            if fields[name] == nil { fields[name] = value }
        }
        return fields
    }

    private static func text(_ part: ArraySlice<UInt8>) -> String? {
        String(validating: part, as: UTF8.self).flatMap { PercentEncoding.decode($0, plusAsSpace: true) }
    }
}
