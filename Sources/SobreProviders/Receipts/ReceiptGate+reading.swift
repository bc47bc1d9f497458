internal import JSON
public import SobreModel

/// The receipts of one request. An unreadable one does not hide the others.
public struct ReceiptReading: Sendable {
    public var receipts: [Receipt] = []
    /// What is wrong with the others.
    public var refusals: [ReceiptRefusal] = []
    /// An email that no program understood and that a person should read.
    public var unread: UnreadMail?
    /// Messages of recipients.
    public var inbound: [ReceivedText] = []
}

extension ReceiptGate {
    /// The times that are believed. Outside, the time of arrival counts.
    private static let oldest = Duration.seconds(86_400 * 60)
    private static let maxIDBytes = 256

    /// Whether a request is in the provider's own format rather than in Sobre's.
    ///
    /// - Parameters:
    ///   - type: the content type without its parameters, in lower case; empty if there is none.
    ///   - hasBody: false for values that are all in the query.
    ///   - isSigned: whether the request was authenticated as the provider's, and not by an API key.
    /// - Returns: false where the request has to be read as Sobre's own form.
    public func isNative(contentType type: String, hasBody: Bool, isSigned: Bool) -> Bool {
        if type == Self.mailType { return mail != nil }
        guard let format else { return false }
        if format.decode == .form { return type == "application/x-www-form-urlencoded" || !hasBody }
        return isSigned && !hasOwnSecret
    }

    /// Reads the receipts of a request in the provider's own format.
    ///
    /// - Parameters:
    ///   - request: the request, verified.
    ///   - isSigned: whether it was authenticated.
    ///   - now: the time of arrival, for events that tell no time.
    /// - Returns: no receipt for statuses without meaning here, such as `queued`.
    /// - Throws: ``ReceiptRefusal`` when nothing of the request can be read.
    public func read(_ request: ReceiptRequest, isSigned: Bool, now: Instant) throws(ReceiptRefusal) -> ReceiptReading {
        if let mail { return readMail(request.body, mail, now: now) }
        guard let format else { return ReceiptReading() }
        let reader = IncomingReceipt(request, url: url)
        var reading = ReceiptReading()
        func take(_ event: JSONRef?) {
            do {
                if let receipt = try receipt(reader, event, format, isSigned: isSigned, now: now) {
                    reading.receipts.append(receipt)
                }
            } catch { reading.refusals.append(error) }
        }
        switch format.decode {
        case .form: take(nil)
        case .json:
            var hasMessages = false
            if let inbound = format.inbound, let root = reader.root {
                Self.forEach(inbound.events, in: root) { event in
                    hasMessages = true
                    if let text = received(reader, event, inbound, now: now) { reading.inbound.append(text) }
                }
            }
            // A request with messages of recipients may hold no receipts.
            for event in try events(of: reader.root, format, mayBeNone: hasMessages) { take(event) }
        case .sns:
            guard let message = try (verifier as? SNSVerifier ?? .unbound).message(of: reader) else { break }
            for event in try events(of: try? JSONDocument.parse(message, limits: IncomingReceipt.limits).root, format) {
                take(event)
            }
        }
        if reading.receipts.isEmpty, reading.inbound.isEmpty, let refusal = reading.refusals.first { throw refusal }
        return reading
    }

    private static func forEach(_ paths: [JSONPath], in root: JSONRef, _ body: (JSONRef) -> Void) {
        for path in paths {
            _ = path.any(in: root) { event in
                body(event)
                return false
            }
        }
    }

    private func received(
        _ reader: IncomingReceipt, _ event: JSONRef, _ format: InboundFormat, now: Instant
    ) -> ReceivedText? {
        func text(_ places: [ReceiptPlace], cutsLong: Bool = false) -> String? {
            for place in places { if let text = reader.text(place, in: event, cutsLong: cutsLong) { return text } }
            return nil
        }
        let kind = text(format.kind)
        guard let from = text(format.from), kind.map({ !format.ignored.contains($0) }) ?? true else { return nil }
        return ReceivedText(
            from: from, text: text(format.text, cutsLong: true) ?? kind.map { "[\($0)]" } ?? "",
            at: believed(text(format.time), now: now))
    }

    /// A time that an event tells; nil where it tells none, or one that cannot be right.
    private func believed(_ text: String?, now: Instant) -> Instant? {
        guard let time = text.flatMap({ ReceiptTime.instant($0) }), now - time < Self.oldest,
            time - now < Self.tolerance
        else { return nil }
        return time
    }

    private func events(
        of root: JSONRef?, _ format: ReceiptFormat, mayBeNone: Bool = false
    ) throws(ReceiptRefusal) -> [JSONRef] {
        guard let root else { throw malformed("is not JSON") }
        guard !format.events.isEmpty else { return root.kind == .array ? Array(root.elements) : [root] }
        var events: [JSONRef] = []
        Self.forEach(format.events, in: root) { events.append($0) }
        guard !events.isEmpty || mayBeNone else { throw malformed("has no events where its manifest says") }
        return events
    }

    private func receipt(
        _ reader: IncomingReceipt, _ event: JSONRef?, _ format: ReceiptFormat, isSigned: Bool, now: Instant
    ) throws(ReceiptRefusal) -> Receipt? {
        func text(_ places: [ReceiptPlace]) -> String? {
            for place in places { if let text = reader.text(place, in: event) { return text } }
            return nil
        }
        func id(_ places: [ReceiptPlace]) -> String? {
            text(places).flatMap { $0.utf8.count > Self.maxIDBytes ? nil : $0 }
        }
        // A manifest can name a meaning for events without a status, such as those with which a webhook is tried out.
        guard let status = text(format.status) ?? (format.kinds[""] == nil ? nil : "") else {
            throw malformed("has no status")
        }
        let word = text(format.detail)
        let code = format.code.isEmpty ? word : text(format.code)
        guard let known = format.kind(of: status, word, code: code) else {
            throw malformed("has a status that is not in its manifest")
        }
        guard let kind = known else { return nil }
        let providerID = id(format.providerID)
        let delivery = id(format.reference).flatMap { DeliveryID($0) }
        guard delivery != nil || providerID != nil else { throw malformed("does not identify its message") }
        // Without an event id, a message's status identifies the event, because a repeated receipt may have another
        // time of arrival.
        let eventID = id(format.eventID) ?? "\(providerID ?? delivery?.description ?? "")/\(status)"
        let words = [status, word, format.code.isEmpty ? nil : code, text(format.diagnostic)].compactMap { $0 }.joined(
            separator: " ")
        return Receipt(
            provider: instance, eventID: eventID, delivery: delivery, providerID: providerID, kind: kind,
            at: believed(text(format.time), now: now) ?? now, detail: Redaction.line(words), isSigned: isSigned)
    }

    private func malformed(_ problem: String) -> ReceiptRefusal {
        ReceiptRefusal(.malformed, "The receipt of \(instance) \(problem).")
    }
}
