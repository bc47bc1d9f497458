internal import SobreModel

/// Basic authentication with a user and a password that the provider was given with the URL.
struct BasicVerifier: ReceiptVerifier {
    let credentials: SecretBytes
    var readsAuthorization: Bool { true }

    init(user: String, password: String) {
        credentials = SecretBytes(Array(BasicCredentials.value(user: user, password: password).utf8))
    }

    func verify(_ receipt: IncomingReceipt, now: Instant) throws(ReceiptRefusal) {
        guard let given = receipt.request.headers["authorization"] else {
            throw refused("The receipt has no user and password: put both into the URL that the provider calls.")
        }
        guard credentials.equals(Array(given.utf8)) else {
            throw refused("The receipt's user or password is not the one of the settings.")
        }
    }
}
