internal import SobreModel

/// Verifies that a receipt comes from the provider.
protocol ReceiptVerifier: Sendable {
    /// - Throws: ``ReceiptRefusal``. The receipt must then have no effect.
    func verify(_ receipt: IncomingReceipt, now: Instant) throws(ReceiptRefusal)

    /// Whether it reads the header Authorization, in which API keys are sent too.
    var readsAuthorization: Bool { get }
}

extension ReceiptVerifier {
    var readsAuthorization: Bool { false }

    func refused(_ problem: String) -> ReceiptRefusal { ReceiptRefusal(.signature, problem) }

    /// Rejects a time that is too far from now, so that a recorded receipt cannot be replayed later.
    func check(_ time: Instant?, within maxAge: Duration, of now: Instant) throws(ReceiptRefusal) {
        guard let time else {
            throw ReceiptRefusal(.timestamp, "The time of the receipt's signature is missing or not a time.")
        }
        guard (.zero - maxAge...maxAge).contains(time - now) else {
            throw ReceiptRefusal(
                .timestamp,
                "The receipt was signed more than \(maxAge.components.seconds) s from now: check the clocks, or send it "
                    + "again.")
        }
    }
}
