internal import Signing
internal import Text

/// Twilio's request signature (https://www.twilio.com/docs/usage/security#validating-requests): the base64 of an
/// HMAC-SHA1 with the account's token over the full URL followed by every form field's name and value, sorted by
/// name.
enum TwilioSignature {
    static func verify(_ request: ReceiptRequest, key: HMACKey, url: String) throws(ReceiptRefusal) {
        guard let given = request.headers["x-twilio-signature"] else {
            throw ReceiptRefusal(.signature, "The receipt has no X-Twilio-Signature.")
        }
        let full = request.query.isEmpty ? url : "\(url)?\(request.query)"
        let expected = key.authenticate(Array(signed(full, FormFields(request.body)).utf8))
        guard let bytes = try? Base64.decode(given), constantTimeEquals(bytes, expected) else {
            throw ReceiptRefusal(
                .signature,
                "X-Twilio-Signature does not match: auth_token or callback_url differs from what Twilio uses for this account."
            )
        }
    }

    static func signed(_ url: String, _ fields: FormFields) -> String {
        fields.fields.sorted { ($0.name, $0.value) < ($1.name, $1.value) }.reduce(into: url) {
            $0 += $1.name + $1.value
        }
    }
}
