internal import Signing
public import SobreModel

/// What one provider instance's receipts must prove, and how they are read.
public struct ReceiptGate: Sendable {
    /// How far a signature's time may lie from ours.
    public static let tolerance = Duration.seconds(300)

    enum Proof: Sendable {
        case none
        case standardWebhooks(HMACKey)
        /// With the public URL up to its query.
        case twilio(HMACKey, url: String)
    }

    public let instance: String
    let proof: Proof
    let form: ReceiptPlan.Form?

    /// Whether receipts come in the provider's own form rather than in Sobre's.
    public var hasForm: Bool { form != nil }

    /// Lets a receipt pass that proves to be the provider's own.
    ///
    /// - Throws: ``ReceiptRefusal``; then nothing may be changed by it.
    public func verify(_ request: ReceiptRequest, now: Instant) throws(ReceiptRefusal) {
        switch proof {
        case .none:
            throw ReceiptRefusal(
                .noSecret,
                "Provider \(instance) has no secret for receipts. Set receipts: {secret: env:NAME} for it, or send an API key "
                    + "with the scope receipts.")
        case .standardWebhooks(let key): try StandardWebhooks.verify(request, key: key, now: now)
        case .twilio(let key, let url): try TwilioSignature.verify(request, key: key, url: url)
        }
    }

    /// Reads a receipt in the provider's own form.
    ///
    /// - Parameters:
    ///   - request: the receipt, verified.
    ///   - isSigned: whether the provider proved itself.
    ///   - now: forms name no time: it is when it came.
    /// - Returns: nothing for words that tell nothing, such as `queued`.
    /// - Throws: ``ReceiptRefusal`` when a field is missing or a word is not known.
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
        // A status with its code says more than the status alone.
        guard let known = word.flatMap({ form.kinds["\(status)/\($0)"] }) ?? form.kinds[status] else {
            throw ReceiptRefusal(.malformed, "The receipt of \(instance) has a status that its manifest does not know.")
        }
        guard let kind = known else { return [] }
        let providerID = text(form.providerID)
        let reference = text(form.reference)
        let delivery = reference.flatMap { DeliveryID($0) }
        guard delivery != nil || providerID != nil else {
            throw ReceiptRefusal(.malformed, "The receipt of \(instance) does not say which message it is about.")
        }
        // Without an event id a message's status is its own event: it comes again with another time.
        let eventID = text(form.eventID) ?? "\(providerID ?? reference ?? "")/\(status)"
        let detail = word.map { "\(status) \($0)" } ?? status
        return [
            Receipt(
                provider: instance, eventID: eventID, delivery: delivery, providerID: providerID, kind: kind, at: now,
                detail: String(detail.filter { !$0.isNewline }), isSigned: isSigned)
        ]
    }
}
