internal import Signing
internal import SobreDelivery
internal import Synchronization

/// The certificates with which Amazon SNS signs, fetched when they are first needed.
final class SNSCertificates: Sendable {
    private static let timeout = Duration.seconds(10)
    /// SNS has one certificate for each region and changes it once in years.
    private static let maxKeys = 64

    private struct State {
        var keys: [String: PublicKey] = [:]
        var isFetching: Set<String> = []
    }

    private let transport: any Transport
    private let state = Mutex(State())

    init(transport: any Transport) { self.transport = transport }

    /// The key of a certificate.
    ///
    /// - Parameter url: where the certificate is, at a host of Amazon SNS.
    /// - Returns: the key, once the certificate has been fetched.
    /// - Throws: ``ReceiptRefusal`` with the code `unavailable` while the certificate is being fetched. SNS sends the
    ///   message again.
    func key(at url: String) throws(ReceiptRefusal) -> PublicKey {
        let (key, fetches) = state.withLock { state -> (PublicKey?, Bool) in
            if let key = state.keys[url] { return (key, false) }
            return (nil, state.isFetching.count < Self.maxKeys && state.isFetching.insert(url).inserted)
        }
        if let key { return key }
        if fetches { fetch(url) }
        // A transport may answer at once.
        if let key = state.withLock({ $0.keys[url] }) { return key }
        throw ReceiptRefusal(
            .unavailable, "The certificate of the receipt's signature is being fetched: send it again.")
    }

    /// Confirms a subscription by calling its URL, which has been verified. If the call fails, the subscription stays
    /// unconfirmed, as SNS shows, and the operator requests its confirmation again there.
    func confirm(_ url: String) {
        transport.call(HTTPCall(method: "GET", url: url, timeout: Self.timeout)) { _ in }
    }

    private func fetch(_ url: String) {
        transport.call(HTTPCall(method: "GET", url: url, timeout: Self.timeout)) { [self] answer in
            var key: PublicKey?
            if case .response(200, _, let body) = answer {
                key = try? PublicKey(certificate: String(decoding: body, as: UTF8.self))
            }
            state.withLock { state in
                state.isFetching.remove(url)
                guard let key else { return }
                if state.keys.count >= Self.maxKeys { state.keys.removeAll() }
                state.keys[url] = key
            }
        }
    }
}
