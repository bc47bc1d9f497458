internal import SobreModel

/// The form in which a provider sends receipts, and what its statuses mean.
struct ReceiptFormat: Sendable {
    enum Decode: String, CaseIterable, Sendable {
        /// A form, in the body or in the query.
        case form
        case json
        /// JSON inside a message of Amazon SNS.
        case sns
    }

    var decode: Decode
    /// The events of a JSON body, in this order. Empty: the elements of a list, or the whole body.
    var events: [JSONPath]
    var reference: [ReceiptPlace]
    var providerID: [ReceiptPlace]
    var eventID: [ReceiptPlace]
    var status: [ReceiptPlace]
    var detail: [ReceiptPlace]
    /// What ``errors`` are looked up by. Empty: the detail.
    var code: [ReceiptPlace]
    /// The provider's words, which decide nothing.
    var diagnostic: [ReceiptPlace]
    var time: [ReceiptPlace]
    /// The meanings of the provider's statuses, and of `STATUS/DETAIL`; nil means that a status is ignored.
    var kinds: [String: Receipt.Kind?]
    /// The meanings of codes with any status that reports a failure.
    var errors: [String: Receipt.Kind]
    /// How messages of recipients in the same requests are read; nil: there are none.
    var inbound: InboundFormat?

    /// What a status with its detail and its code means.
    ///
    /// - Returns: nil if the status is not in the manifest, and an inner nil if it is ignored.
    func kind(of status: String, _ detail: String?, code: String?) -> Receipt.Kind?? {
        // A status together with its detail is more specific than the status alone.
        guard let kind = detail.flatMap({ kinds["\(status)/\($0)"] }) ?? kinds[status] else { return nil }
        guard let kind else { return .some(nil) }
        return Self.specific(kind, code: code, errors: errors)
    }

    /// What a code makes of a status that reports a failure.
    static func specific(_ kind: Receipt.Kind, code: String?, errors: [String: Receipt.Kind]) -> Receipt.Kind {
        kind.isFailure ? code.flatMap { errors[$0] } ?? kind : kind
    }
}

extension Receipt.Kind {
    /// Whether the provider could not deliver the message.
    fileprivate var isFailure: Bool {
        switch self {
        case .bouncedSoft, .bouncedHard, .failed, .rejected: true
        default: false
        }
    }
}
