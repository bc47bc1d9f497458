import HTTPTypes
import Hummingbird
import JSON
import NIOCore
import SobreIntake
import SobreModel
import SobreSettings
import SobreStore
import SobreWire

/// `/v1/receipts`: delivery receipts from providers. A request is checked for size, authenticated, parsed and written
/// to disk, in this order, before it is answered with 200.
struct ReceiptRoutes: Sendable {
    let services: APIServices
    let limits: HTTPLimits
    let keys: KeyRing
    let traffic: HTTPTraffic
    let rejections: ReceiptRejections
    private let reader = ReceiptReader()

    /// The number of receipts in one call of the store.
    private static let part = 500

    init(
        services: APIServices, limits: HTTPLimits, keys: KeyRing, traffic: HTTPTraffic, rejections: ReceiptRejections
    ) {
        self.services = services
        self.limits = limits
        self.keys = keys
        self.traffic = traffic
        self.rejections = rejections
    }

    func add(open: RouterGroup<APIContext>, reading: RouterGroup<APIContext>) {
        open.post("receipts/{provider}", use: take)
        // Some providers report by GET, with the values in the query.
        open.get("receipts/{provider}", use: take)
        reading.get("receipts", use: list)
    }

    @Sendable private func take(_ request: Request, _ context: APIContext) async throws -> Response {
        guard let registry = services.receipts else {
            throw Problem(.notImplemented, "no_receipts", "This server does not accept receipts.")
        }
        let provider = try context.parameter("provider")
        let isName =
            (1...64).contains(provider.utf8.count)
            && provider.utf8.allSatisfy { byte in
                (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || "-_.".utf8.contains(byte)
            }
        guard isName else { throw Problem.notFound("provider of this name") }
        let isKnown = registry.knows(provider)
        var context = context
        do {
            try request.checkBody(upTo: limits.maxBodyBytes)
            let hasKey = try await admit(request, &context, registry, of: provider, isKnown: isKnown)
            return try await request.withBody(upTo: limits.maxBodyBytes, traffic, context) { bytes in
                let call = ReceiptCall(
                    provider: provider, query: request.uri.query ?? "", headers: request.signedHeaders, body: bytes)
                let now = services.clock.now()
                if let reply = registry.handshake(call, isVerified: false) { return Self.answer(reply) }
                let isSigned = hasKey ? false : try await verify(call, request, registry, now: now)
                if isSigned, let reply = registry.handshake(call, isVerified: true) { return Self.answer(reply) }
                let batch = try read(call, request, registry, isSigned: isSigned, now: now)
                for problem in batch.problems {
                    rejections.count(provider: isKnown ? provider : "unknown", reason: problem.code)
                }
                if let unread = batch.unread { try await services.optOuts?.keep(unread) }
                // A message that is sent again, because the request failed after it, changes nothing.
                for message in batch.inbound { _ = try await services.optOuts?.apply(message) }
                let intake = try await keep(batch.receipts, maxWaiting: registry.maxWaiting)
                if intake.kept > 0 { registry.wake() }
                return Self.answer(intake, batch.problems, messages: batch.inbound.count)
            }
        } catch {
            let problem: Problem? =
                switch error {
                case let problem as Problem: problem
                case let error as StoreError: Problem(error)
                default: nil
                }
            if let problem { rejections.count(provider: isKnown ? provider : "unknown", reason: problem.code) }
            throw problem ?? error
        }
    }

    /// Stores receipts in chunks, so that sending does not wait for a large batch. If the inbox fills up midway, the
    /// stored part is recognised as repeated when the batch is sent again.
    private func keep(_ receipts: [Receipt], maxWaiting: Int) async throws(StoreError) -> ReceiptIntake {
        var total = ReceiptIntake()
        for start in stride(from: 0, to: receipts.count, by: Self.part) {
            let part = Array(receipts[start..<min(start + Self.part, receipts.count)])
            let intake = try await services.store.append(part, maxWaiting: maxWaiting)
            total.kept += intake.kept
            total.repeated += intake.repeated
        }
        return total
    }

    private var authorize: Authorize { Authorize(keys: keys, scope: .receipts, connections: traffic.connections) }

    /// Checks before the body is read what can be: the API key with the scope `receipts`, else the provider's name.
    ///
    /// - Returns: whether a key was sent. It is valid then.
    private func admit(
        _ request: Request, _ context: inout APIContext, _ registry: any ReceiptRegistry, of provider: String,
        isKnown: Bool
    ) async throws(Problem) -> Bool {
        if request.headers[.authorization] != nil, !(isKnown && registry.readsAuthorization(provider)) {
            try await authorize.admit(request, &context, allowsBasic: true)
            return true
        }
        guard isKnown else {
            throw Problem(
                .unauthorized, "unknown_provider", "No provider of this name is configured, and no API key was sent.",
                expected: "the name under providers: in the settings")
        }
        return false
    }

    /// Authenticates a request without a key by the provider's signature. Without keys and without a secret, any program
    /// on this machine may call.
    ///
    /// - Returns: whether the provider's signature was verified.
    private func verify(
        _ call: ReceiptCall, _ request: Request, _ registry: any ReceiptRegistry, now: Instant
    ) async throws -> Bool {
        do {
            try registry.verify(call, now: now)
            return true
        } catch {
            // Without a secret, the same rule applies as for every other request.
            if error.code == "no_secret" {
                _ = try await authorize.caller(of: request, allowsBasic: true)
                return false
            }
            // The header can also contain an API key.
            let hasHeader = request.headers[.authorization] != nil
            if hasHeader, (try? await authorize.caller(of: request, allowsBasic: true)) != nil { return false }
            if error.code == "unavailable" {
                var problem = Problem(.serviceUnavailable, error.code, error.message)
                problem.headers[.retryAfter] = "5"
                throw problem
            }
            throw Problem(.unauthorized, error.code, error.message)
        }
    }

    /// The receipts of a request, and what is wrong with the others.
    private struct Batch {
        var receipts: [Receipt] = []
        var problems: [Problem] = []
        var unread: UnmatchedInboundMessage?
        /// Messages of recipients.
        var inbound: [InboundMessage] = []
    }

    /// The longest id of a request that identifies its events.
    private static let maxID = 200

    /// Invalid receipts named in a response; further ones are only counted.
    private static let maxNamed = 100

    private static func answer(_ reply: ReceiptHandshake) -> Response {
        // The text comes from the request, and no browser may take it for a page.
        let headers: HTTPFields = [.contentType: reply.contentType, .xContentTypeOptions: "nosniff"]
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(string: reply.body)))
    }

    private static func answer(_ intake: ReceiptIntake, _ problems: [Problem], messages: Int) -> Response {
        .json(problems.isEmpty ? .ok : .multiStatus) { writer in
            writer.object { writer in
                writer.key("received")
                writer.value(intake.kept)
                writer.key("repeated")
                writer.value(intake.repeated)
                if messages > 0 { writer.member("messages", messages) }
                guard !problems.isEmpty else { return }
                writer.key("rejected")
                writer.value(problems.count)
                writer.key("errors")
                writer.array { writer in for problem in problems.prefix(maxNamed) { problem.write(to: &writer) } }
            }
        }
    }

    /// Reads the receipts of a request. An invalid one does not hide the others; when all are invalid, the request is.
    private func read(
        _ call: ReceiptCall, _ request: Request, _ registry: any ReceiptRegistry, isSigned: Bool, now: Instant
    ) throws -> Batch {
        do {
            if let native = try registry.read(call, isSigned: isSigned, now: now) {
                let count = native.receipts.count + native.rejections.count + native.inbound.count
                guard count <= services.maxReceipts else { throw tooMany }
                return Batch(
                    receipts: native.receipts,
                    problems: native.rejections.map { Problem(.unprocessableContent, $0.code, $0.message) },
                    unread: native.unread, inbound: native.inbound)
            }
        } catch let error as ReceiptRejection {
            throw Problem(.unprocessableContent, error.code, error.message)
        }
        guard request.method == .post else {
            throw Problem(
                .unprocessableContent, "malformed", "This provider's receipts are not read from a query.",
                expected: "POST with the receipts in the body")
        }
        let limits = JSONLimits(maxDepth: 4, maxBytes: self.limits.maxBodyBytes)
        var batch = Batch()
        func refuse(_ problem: IntakeProblem, at line: Int?) {
            var problem = Problem(problem)
            problem.line = line
            batch.problems.append(problem)
        }
        func take(_ ref: JSONRef, at line: Int?) throws(Problem) {
            guard batch.receipts.count + batch.problems.count < services.maxReceipts else {
                throw tooMany
            }
            do {
                var receipt = try reader.read(ref, provider: call.provider, isSigned: isSigned, now: now)
                // A repeated request has the same id (Standard Webhooks). An unsigned one could name any.
                if receipt.eventID == nil, isSigned, let id = call.headers["webhook-id"], id.utf8.count <= Self.maxID {
                    receipt.eventID = line.map { "\(id)#\($0)" } ?? id
                }
                batch.receipts.append(receipt)
            } catch { refuse(error, at: line) }
        }
        switch try request.bodyForm() {
        case .json:
            let root = try parsed(call.body, limits)
            guard root.kind == .array else {
                try take(root, at: nil)
                break
            }
            // Paths in errors begin at the receipt; through the array they would take time linear in its place.
            for (place, element) in root.elements.enumerated() { try take(element.asRoot, at: place + 1) }
        case .ndjson:
            let lines = NDJSONLines(call.body)
            for line in lines {
                do {
                    let document = try JSONDocument.parse(
                        lines.bytes, in: line.range, firstLine: line.number, limits: limits)
                    try take(document.root, at: line.number)
                } catch let error as JSONError {
                    refuse(IntakeProblem(error), at: line.number)
                }
            }
        }
        if batch.receipts.isEmpty, let problem = batch.problems.first { throw problem }
        return batch
    }

    private var tooMany: Problem {
        Problem(
            .unprocessableContent, "too_many", "The request holds more than \(services.maxReceipts) receipts.",
            expected: "several requests with fewer receipts each")
    }

    /// The newest receipts, the totals by state, and the rejections since the start.
    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        let query = try QueryReader(request, known: Wire.receiptFilterKeys + ["limit", "before"])
        let filter = try query.receiptFilter()
        let limit = try query.int("limit", default: 50, in: 1...1_000)
        let before = try query.sequence("before", of: "the \"id\" of a receipt")
        let rows = try await services.store.receipts(matching: filter, before: before, limit: limit)
        let totals = try await services.store.receiptTotals()
        return .json { writer in
            writer.object { writer in
                Wire.writeReceipts(
                    rows, totals: totals, rejected: rejections.counts,
                    next: rows.count == limit ? rows.last?.id : nil, to: &writer)
            }
        }
    }
}

extension Request {
    /// All header fields, from which signatures are read. Names are in lower case; of several fields with one name the
    /// first counts.
    var signedHeaders: [String: String] {
        Dictionary(headers.map { ($0.name.canonicalName, $0.value) }) { first, _ in first }
    }
}
