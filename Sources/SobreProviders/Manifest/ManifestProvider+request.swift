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

    func request(for outbound: OutboundMessage, token: String?, timeout: Duration, now: Instant) -> Built {
        let evaluator = RequestEvaluator(outbound: outbound, binding: binding, now: now)
        guard let url = url(evaluator) else {
            return .refused(
                Outcome(.contentRejected, detail: "the message lacks a value that \(name) needs for its URL"))
        }
        var body: [UInt8] = []
        body.reserveCapacity(512)
        appendBody(evaluator, to: &body)
        let capabilities = manifest.capabilities
        if let limit = capabilities.maxPayload, body.count - outbound.address.value.utf8.count > limit {
            return .refused(Self.tooLarge(name, body.count, limit))
        }
        if let limit = capabilities.maxBytes, body.count > limit {
            return .refused(Self.tooLarge(name, body.count, limit))
        }
        var headers: [(name: String, value: String)] = []
        headers.reserveCapacity(12)
        headers.append(("Content-Type", manifest.request.contentType.rawValue))
        headers.append(("Accept", "application/json"))
        if let token { headers.append(("Authorization", "Bearer \(token)")) }
        if let authorization = binding.authorization { headers.append(authorization) }
        for (name, template) in manifest.request.headers {
            guard let value = evaluator.bytes(of: template) else { continue }
            guard !value.contains(where: { $0 < 0x20 || $0 >= 0x7f }) else {
                return .refused(
                    Outcome(
                        .contentRejected,
                        detail: "the header \(name) would contain a character that is not allowed in headers"))
            }
            headers.append((name, String(decoding: value, as: UTF8.self)))
        }
        if let key = binding.signingKey { Self.sign(body, outbound.key, key, now, into: &headers) }
        if binding.hasTraceHeaders { Self.appendTrace(of: outbound, to: &headers) }
        return .call(
            HTTPCall(
                method: manifest.request.method, url: url, headers: headers, body: body, version: manifest.httpVersion,
                timeout: timeout, mayBegin: outbound.mayBegin))
    }

    func appendBody(_ evaluator: RequestEvaluator, to body: inout [UInt8]) {
        switch manifest.request.contentType {
        case .form: manifest.request.body.appendForm(evaluator, to: &body)
        case .json: if !manifest.request.body.appendJSON(evaluator, to: &body) { body.append(contentsOf: "{}".utf8) }
        }
    }

    private func url(_ evaluator: RequestEvaluator) -> String? {
        let request = manifest.request
        if request.path.parts.isEmpty, request.query.isEmpty { return binding.endpoint }
        var url = Array(binding.endpoint.utf8)
        for part in request.path.parts {
            switch part {
            case .text(let text): url.append(contentsOf: text)
            case .expression(let expression):
                let mark = url.count
                if !evaluator.append(expression, .path, to: &url) { return nil }
                // A segment that consists of dots could leave the path.
                if url[mark...].allSatisfy({ $0 == UInt8(ascii: ".") }) { return nil }
            }
        }
        var separator = url.contains(UInt8(ascii: "?")) ? UInt8(ascii: "&") : UInt8(ascii: "?")
        for (name, template) in request.query {
            let mark = url.count
            url.append(separator)
            Escaping.query.append(name, to: &url)
            url.append(UInt8(ascii: "="))
            if evaluator.append(template, .query, to: &url) {
                separator = UInt8(ascii: "&")
            } else {
                url.removeLast(url.count - mark)
            }
        }
        return String(decoding: url, as: UTF8.self)
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

    private static let traceText = ASCIISet.printable.subtracting(ASCIISet("%"))

    private static func traceValue(_ text: String) -> String {
        PercentEncoding.encode(text, keeping: traceText)
    }
}
