internal import Signing
internal import Text

/// Twilio's request signature (https://www.twilio.com/docs/usage/security#validating-requests): the base64 of an
/// HMAC-SHA1 with the account's token over the full URL followed by every form field's name and value, sorted by
/// name.
enum TwilioSignature {
    /// Verifies a request.
    ///
    /// - Parameters:
    ///   - request: the request with its header and its form.
    ///   - key: the account's token.
    ///   - url: the URL up to its query that Twilio was given for such requests.
    ///   - setting: what names the URL, for the error.
    /// - Throws: ``ReceiptRefusal`` when no form of the URL fits.
    static func verify(
        _ request: ReceiptRequest, key: HMACKey, url: String, setting: String = "callback_url"
    ) throws(ReceiptRefusal) {
        guard let given = request.headers["x-twilio-signature"] else {
            throw ReceiptRefusal(.signature, "The request has no X-Twilio-Signature.")
        }
        let fields = FormFields(request.body)
        let code = try? Base64.decode(given)
        var isOurs = false
        // Every form is compared, so that timing reveals nothing.
        for form in forms(of: url) {
            let full = request.query.isEmpty ? form : "\(form)?\(request.query)"
            let expected = key.authenticate(Array(signed(full, fields).utf8))
            if let code, constantTimeEquals(code, expected) { isOurs = true }
        }
        guard isOurs else {
            throw ReceiptRefusal(
                .signature,
                "X-Twilio-Signature does not match: auth_token or \(setting) differs from what Twilio uses for this account."
            )
        }
    }

    /// The URL as given, without a port, and with the scheme's own port. Twilio signs calls over https without the port
    /// and calls over http with it, and has done both for both.
    static func forms(of url: String) -> [String] {
        guard let scheme = url.firstRange(of: "://") else { return [url] }
        let rest = url[scheme.upperBound...]
        let path = rest.firstIndex(of: "/") ?? rest.endIndex
        let authority = rest[..<path]
        // In brackets stands an IPv6 address, which has colons of its own.
        let hostEnd = authority.lastIndex(of: "]").map { authority.index(after: $0) } ?? authority.startIndex
        let host = authority[hostEnd...].firstIndex(of: ":").map { authority[..<$0] } ?? authority
        let start = url[..<scheme.upperBound]
        let port = url.hasPrefix("https:") ? 443 : 80
        var forms = [url]
        for form in ["\(start)\(host)\(rest[path...])", "\(start)\(host):\(port)\(rest[path...])"]
        where !forms.contains(form) { forms.append(form) }
        return forms
    }

    static func signed(_ url: String, _ fields: FormFields) -> String {
        fields.fields.sorted { ($0.name, $0.value) < ($1.name, $1.value) }.reduce(into: url) {
            $0 += $1.name + $1.value
        }
    }
}
