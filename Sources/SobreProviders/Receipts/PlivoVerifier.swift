internal import Signing
internal import SobreModel
internal import Text

/// Plivo's signature V3 of a POST: HMAC-SHA256 over the URL, the sorted form fields and a nonce.
struct PlivoVerifier: ReceiptVerifier {
    let key: HMACKey

    func verify(_ receipt: IncomingReceipt, now: Instant) throws(ReceiptRefusal) {
        guard let url = receipt.url else { throw ReceiptGate.noURL }
        guard let given = receipt.request.headers["x-plivo-signature-v3"],
            let nonce = receipt.request.headers["x-plivo-signature-v3-nonce"]
        else { throw refused("The receipt has no X-Plivo-Signature-V3.") }
        let signed = Array(Self.signed(url: url, receipt.query, receipt.form, nonce: nonce).utf8)
        let expected = SecretBytes(Array(Base64.encode(key.authenticate(signed)).utf8))
        var isOurs = false
        // Several signatures are sent while a token is being replaced. Every one is compared.
        for part in given.split(separator: ",") where expected.equals(Array(part.utf8)) { isOurs = true }
        guard isOurs else {
            throw refused("X-Plivo-Signature-V3 does not match: auth_token or callback_url differs from Plivo's.")
        }
    }

    /// The text that is signed: `URL?SORTED_QUERY.SORTED_FIELDS.NONCE`, where the question mark and the first dot are
    /// there only with a query or with fields.
    static func signed(url: String, _ query: FormFields, _ form: FormFields, nonce: String) -> String {
        let pairs = sorted(query).map { "\($0.name)=\($0.value)" }.joined(separator: "&")
        let fields = sorted(form).map { $0.name + $0.value }.joined()
        var text = url
        if !pairs.isEmpty || !fields.isEmpty { text += "?\(pairs)" }
        if !pairs.isEmpty, !fields.isEmpty { text += "." }
        return "\(text)\(fields).\(nonce)"
    }

    private static func sorted(_ fields: FormFields) -> [(name: String, value: String)] {
        fields.fields.filter { !$0.name.isEmpty }.sorted { ($0.name, $0.value) < ($1.name, $1.value) }
    }
}
