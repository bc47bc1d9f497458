internal import SobreModel

/// A secret text in a header or in the query, for providers that sign nothing.
struct TokenVerifier: ReceiptVerifier {
    let place: ReceiptPlace
    let token: SecretBytes
    var readsAuthorization: Bool { place == .header("authorization") }

    func verify(_ receipt: IncomingReceipt, now: Instant) throws(ReceiptRefusal) {
        guard let given = receipt.text(place), token.equals(Array(given.utf8)) else {
            throw refused("The receipt's secret token is missing or not the one of the settings.")
        }
    }
}
