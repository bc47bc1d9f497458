internal import Signing
internal import SobreDelivery
internal import SobreModel
internal import Text

/// Builds the request in one pass into one buffer.
extension ManifestProvider {
    enum Built {
        case call(HTTPCall)
        /// The message does not fit a request.
        case refused(Outcome)
    }

    /// Builds the request of a message.
    ///
    /// - Parameters:
    ///   - outbound: the message.
    ///   - token: what was asked for beforehand: an access token, a signed one, or how far the provider's clock is ahead.
    ///   - timeout: the longest time the call may take.
    ///   - now: the present time.
    /// - Returns: the call, or why the message cannot be sent.
    func request(for outbound: OutboundMessage, token: String?, timeout: Duration, now: Instant) -> Built {
        var evaluator = RequestEvaluator(outbound: outbound, binding: binding, now: now)
        if manifest.usesMIME, case .email(let email) = outbound.content {
            do { evaluator.mime = try binding.mail.build(email, for: outbound) } catch {
                return .refused(SMTPProvider.outcome(of: error))
            }
        }
        guard let url = binding.constantURL ?? evaluator.url(of: manifest.request) else {
            return .refused(
                Outcome(.contentRejected, detail: "the message lacks a value that \(name) needs for its URL"))
        }
        let boundary = manifest.request.contentType == .multipart ? "sobre-" + Hex.encode(randomBytes(16)) : ""
        var body: [UInt8] = []
        body.reserveCapacity(512 + evaluator.expectedBytes)
        appendBody(evaluator, boundary: boundary, to: &body)
        let addressBytes = manifest.request.hasAddressInBody ? outbound.address.value.utf8.count : 0
        if let refusal = refusal(ofBytes: body.count, addressBytes: addressBytes) {
            return .refused(refusal)
        }
        var headers: [(name: String, value: String)] = []
        headers.reserveCapacity(12)
        let type = manifest.request.contentType.rawValue
        headers.append(("Content-Type", boundary.isEmpty ? type : "\(type); boundary=\(boundary)"))
        headers.append(("Accept", "application/json"))
        if let problem = appendHeaders(evaluator, to: &headers) { return .refused(problem) }
        if let key = binding.signingKey { Self.sign(body, outbound.key, key, now, into: &headers) }
        // No vendor's signature covers the trace: SigV4 and the recipes of manifests name the headers that they sign.
        if let trace = outbound.trace { headers.append((Self.traceParent, trace.text)) }
        if binding.hasTraceHeaders { Self.appendTrace(of: outbound, to: &headers) }
        var call = HTTPCall(
            method: manifest.request.method, url: url, headers: headers, body: body, version: manifest.httpVersion,
            timeout: timeout, mayBegin: outbound.mayBegin)
        call.clientCertificate = binding.clientCertificate
        return authorised(call, evaluator, token: token, now: now)
    }

    private func refusal(ofBytes count: Int, addressBytes: Int) -> Outcome? {
        if let limit = binding.maxPayload, count - addressBytes > limit {
            return Self.tooLarge(name, count, limit)
        }
        if let limit = manifest.capabilities.maxBytes, count > limit { return Self.tooLarge(name, count, limit) }
        return nil
    }

    /// Appends the manifest's own headers and the idempotency key.
    private func appendHeaders(
        _ evaluator: RequestEvaluator, to headers: inout [(name: String, value: String)]
    ) -> Outcome? {
        for header in binding.headers {
            switch header {
            case .constant(let name, let value): headers.append((name, value))
            case .evaluated(let name, let template):
                guard let value = evaluator.bytes(of: template) else { continue }
                guard HeaderText.isValid(value) else {
                    return Outcome(
                        .contentRejected,
                        detail: "the header \(name) would contain a character that is not allowed in headers")
                }
                headers.append((name, String(decoding: value, as: UTF8.self)))
            }
        }
        return nil
    }

    /// The finished request with what authorises it.
    ///
    /// - Parameters:
    ///   - call: the request.
    ///   - evaluator: has the settings that a signature needs.
    ///   - token: what was asked for beforehand.
    ///   - now: the present time.
    /// - Returns: the call, or why it cannot be signed.
    func authorised(_ call: HTTPCall, _ evaluator: RequestEvaluator, token: String?, now: Instant) -> Built {
        var call = call
        switch binding.credential {
        case .none: break
        case .header(let name, let value): call.headers.append((name, value))
        case .accessToken: call.headers.append(("Authorization", "Bearer \(token ?? "")"))
        case .jwt(_, let scheme): call.headers.append(("Authorization", "\(scheme) \(token ?? "")"))
        case .aws(let signer):
            signer.sign(method: call.method, url: call.url, body: call.body, at: now, into: &call.headers)
        case .recipe(let recipe, _):
            let ahead = Duration.milliseconds(token.flatMap { Int64($0) } ?? 0)
            let input = SigningInput(method: call.method, url: call.url, body: call.body, now: now + ahead)
            if let missing = recipe.sign(evaluator, input, into: &call.headers) {
                return .refused(Outcome(.configuration, detail: "\(name) cannot sign: \(missing) has no value"))
            }
        }
        return .call(call)
    }

    func appendBody(_ evaluator: RequestEvaluator, boundary: String, to body: inout [UInt8]) {
        switch manifest.request.contentType {
        case .form: manifest.request.body.appendForm(evaluator, to: &body)
        case .multipart:
            manifest.request.body.appendParts(evaluator, boundary: boundary, to: &body)
            body.append(contentsOf: "--\(boundary)--\r\n".utf8)
        case .json, .awsJSON:
            if !manifest.request.body.appendJSON(evaluator, to: &body) { body.append(contentsOf: "{}".utf8) }
        }
    }

    /// Signs by Standard Webhooks. The id is the delivery's, which is the same for every attempt, so that a receiver
    /// can detect a repetition.
    private static func sign(
        _ body: [UInt8], _ id: String, _ key: HMACKey, _ now: Instant,
        into headers: inout [(name: String, value: String)]
    ) {
        let timestamp = String(now.milliseconds.floorDivided(by: 1000))
        let code = StandardWebhooks.code(id: id, timestamp: timestamp, body: body, key: key)
        headers.append(("webhook-id", id))
        headers.append(("webhook-timestamp", timestamp))
        headers.append(("webhook-signature", "v1," + Base64.encode(code)))
    }

    /// Our reference in plain headers, for sandboxes and proxies. Values are percent-encoded outside printable ASCII.
    private static func appendTrace(of outbound: OutboundMessage, to headers: inout [(name: String, value: String)]) {
        headers.append(("X-Sobre-Id", outbound.delivery.description))
        if !outbound.recipient.isEmpty { headers.append(("X-Sobre-Recipient", traceValue(outbound.recipient))) }
        if let campaign = outbound.campaign, !campaign.isEmpty {
            headers.append(("X-Sobre-Campaign", traceValue(campaign)))
        }
        if !outbound.category.isEmpty { headers.append(("X-Sobre-Category", traceValue(outbound.category))) }
        if outbound.possibleDuplicate { headers.append(("X-Sobre-Possible-Duplicate", "1")) }
    }

    /// The header of W3C Trace Context.
    static let traceParent = "traceparent"

    private static let traceText = ASCIISet.printable.subtracting(ASCIISet("%"))

    private static func traceValue(_ text: String) -> String {
        PercentEncoding.encode(text, keeping: traceText)
    }
}
