internal import Signing
public import SobreModel

/// Verifies and reads the receipts of one provider instance.
public struct ReceiptGate: Sendable {
    /// The largest difference between a signature's time and ours.
    public static let tolerance = Duration.seconds(300)

    enum Proof: Sendable {
        case none
        case standardWebhooks(HMACKey)
        /// With the public URL up to its query; nil: none is configured for receipts.
        case twilio(HMACKey, url: String?)
    }

    public let instance: String
    let proof: Proof
    let form: ReceiptPlan.Form?

    /// Whether receipts come in the provider's own format rather than in Sobre's.
    public var hasForm: Bool { form != nil }

    /// Verifies that a receipt comes from the provider.
    ///
    /// - Throws: ``ReceiptRefusal``. The receipt must then have no effect.
    public func verify(_ request: ReceiptRequest, now: Instant) throws(ReceiptRefusal) {
        switch proof {
        case .none, .twilio(_, url: nil):
            throw ReceiptRefusal(
                .noSecret,
                "Provider \(instance) has no secret for receipts. Set receipts: {secret: env:NAME} for it, or send an API key "
                    + "with the scope receipts.")
        case .standardWebhooks(let key): try StandardWebhooks.verify(request, key: key, now: now)
        case .twilio(let key, let url?): try TwilioSignature.verify(request, key: key, url: url)
        }
    }

    /// Verifies that an inbound message comes from the provider.
    ///
    /// - Parameters:
    ///   - request: the message as received.
    ///   - path: the path of the request's URL.
    ///   - publicURL: how this server is reached from outside, where the provider has no callback URL that says so.
    ///   - now: the present time.
    /// - Throws: ``ReceiptRefusal``. The message must then have no effect.
    public func verifyInbound(
        _ request: ReceiptRequest, path: String, publicURL: String, now: Instant
    ) throws(ReceiptRefusal) {
        guard case .twilio(let key, let callback) = proof else { return try verify(request, now: now) }
        let url = Self.origin(of: callback ?? publicURL) + path
        do { try TwilioSignature.verify(request, key: key, url: url) } catch {
            guard callback != nil else { throw error }
            // Inbound messages may be sent to another name of this server than status callbacks.
            try TwilioSignature.verify(
                request, key: key, url: Self.origin(of: publicURL) + path, setting: "callback_url or links.public_url")
        }
    }

    /// Scheme, host and port of a URL.
    private static func origin(of url: String) -> String {
        guard let scheme = url.firstRange(of: "://") else { return url }
        return String(url[..<(url[scheme.upperBound...].firstIndex(of: "/") ?? url.endIndex)])
    }

    /// Reads a receipt in the provider's own format.
    ///
    /// - Parameters:
    ///   - request: the receipt, verified.
    ///   - isSigned: whether the receipt was authenticated.
    ///   - now: the time of arrival, used because these formats contain no time.
    /// - Returns: an empty result for statuses without meaning here, such as `queued`.
    /// - Throws: ``ReceiptRefusal`` when a field is missing or a status is unknown.
    public func read(
        _ request: ReceiptRequest, isSigned: Bool, now: Instant
    ) throws(ReceiptRefusal) -> [Receipt] {
        guard let form else { return [] }
        let fields = FormFields(request.body)
        let query = FormFields(Array(request.query.utf8))
        func text(_ place: ReceiptPlan.Place?) -> String? {
            let text: String? =
                switch place {
                case .form(let name): fields[name]
                case .query(let name): query[name]
                case nil: nil
                }
            return text.flatMap { $0.isEmpty || $0.utf8.count > 256 ? nil : $0 }
        }
        guard let status = text(form.status) else {
            throw ReceiptRefusal(.malformed, "The receipt of \(instance) has no status.")
        }
        let word = text(form.detail)
        // A status together with its code is more specific than the status alone.
        guard let known = word.flatMap({ form.kinds["\(status)/\($0)"] }) ?? form.kinds[status] else {
            throw ReceiptRefusal(.malformed, "The receipt of \(instance) has a status that is not in its manifest.")
        }
        guard let kind = known else { return [] }
        let providerID = text(form.providerID)
        let reference = text(form.reference)
        let delivery = reference.flatMap { DeliveryID($0) }
        guard delivery != nil || providerID != nil else {
            throw ReceiptRefusal(.malformed, "The receipt of \(instance) does not identify its message.")
        }
        // Without an event id, a message's status identifies the event, because a repeated receipt has another time.
        let eventID = text(form.eventID) ?? "\(providerID ?? reference ?? "")/\(status)"
        let detail = word.map { "\(status) \($0)" } ?? status
        return [
            Receipt(
                provider: instance, eventID: eventID, delivery: delivery, providerID: providerID, kind: kind, at: now,
                detail: String(detail.filter { !$0.isNewline }), isSigned: isSigned)
        ]
    }
}
