/// Identifies one submitted transfer of a ``CurlLoop``. Ids are never reused.
public struct TransferID: Hashable, Sendable {
    let number: UInt64
}

/// How a transfer ended. Every submitted transfer gets exactly one.
public struct TransferResult: Sendable {
    /// The id that `submit` returned.
    public let id: TransferID

    /// The response, or why there is none.
    public let outcome: Result<HTTPResponse, TransferFailure>

    /// The bytes of header and body that libcurl passed to the network. 0 proves that no server saw the request.
    public let requestBytesSent: Int

    /// The time the request waited in the loop for a free slot.
    public let waitTime: Duration

    /// The time to resolve, connect and complete the TLS handshake; zero on a reused connection.
    public let connectTime: Duration

    /// The time from the start of the transfer to its end, without `waitTime`.
    public let totalTime: Duration

    /// The response, when there is one.
    public var response: HTTPResponse? {
        try? outcome.get()
    }

    /// The failure, when there is no response.
    public var failure: TransferFailure? {
        if case .failure(let failure) = outcome { failure } else { nil }
    }
}
