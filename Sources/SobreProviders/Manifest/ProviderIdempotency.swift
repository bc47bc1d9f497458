/// How a provider recognises a repeated request: the `idempotency` of a manifest.
public enum ProviderIdempotency: Sendable, CustomStringConvertible {
    /// It does not. When the answer to a request is lost, nobody knows whether the message was sent.
    case none
    /// By the id of the Standard Webhooks signature.
    case signature(isRepeated: Bool)
    /// By a key in a header or in the body, which is the same for every attempt of a delivery.
    case key(IdempotencyKey)

    /// Whether a request whose answer was lost is sent once more, with the same key, within the same attempt.
    var isRepeated: Bool {
        switch self {
        case .none: false
        case .signature(let isRepeated): isRepeated
        case .key(let key): key.isRepeated
        }
    }

    public var description: String {
        switch self {
        case .none: "none"
        case .signature: "webhook-id"
        case .key(let key): key.place
        }
    }
}

/// A key that is the same for every attempt of a delivery.
public struct IdempotencyKey: Sendable {
    /// The header's name or the field's path.
    public let place: String
    /// The header that Sobre adds; nil if the request's body contains the key.
    let header: (name: String, value: Template)?
    let isRepeated: Bool
}
