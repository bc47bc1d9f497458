internal import JSON
internal import Text

/// Twilio's message resource: `POST /2010-04-01/Accounts/{sid}/Messages.json`
/// (twilio.com/docs/messaging/api/message-resource), for SMS and, with the prefix `whatsapp:`, for WhatsApp.
///
/// Accepts any account and password if the account matches the one in the path. Twilio's magic numbers fail as with its
/// test credentials (twilio.com/docs/iam/test-credentials): +15005550001 is invalid, …2 cannot be reached, …3 is in a
/// region without permission, …4 has opted out, …9 cannot receive SMS.
enum TwilioEndpoint {
    /// The longest text that Twilio accepts, in UTF-16 units.
    static let maxBodyUnits = 1600

    static func receive(_ request: HTTPRequest, account: Substring, context: ReceptionContext) -> Reception {
        var message = context.message(.sms, provider: "twilio", request: request)
        let form = FormFields(request.body)
        message.to = form["To"] ?? ""
        message.from = form["From"] ?? form["MessagingServiceSid"] ?? ""
        message.text = form["Body"] ?? ""
        if message.to.hasPrefix("whatsapp:") {
            message.channel = .whatsapp
            message.to.removeFirst("whatsapp:".count)
            message.title = form["ContentSid"] ?? ""
        }
        message.callback = form["StatusCallback"]
        if let callback = form["StatusCallback"], let mark = callback.firstIndex(of: "?") {
            for item in FormFields(callback[callback.index(after: mark)...].utf8).items {
                message.takeHint(field: item.name, item.value)
            }
        }
        for item in form.items { message.takeHint(field: item.name, item.value) }
        message.takeHints(of: request)

        if let refusal = refusal(of: request, account: account, message: message, form: form) {
            return Reception(
                refused: message, "\(refusal.code): \(refusal.text)",
                answer: error(status: refusal.status, code: refusal.code, refusal.text))
        }
        let sid = "SM" + context.identityHex
        let answer = HTTPAnswer.json(201) { json in
            json.field("sid", sid)
            json.field("account_sid", String(account))
            json.field("api_version", "2010-04-01")
            json.field("to", message.to)
            json.member("from", ifPresent: form["From"])
            json.member("messaging_service_sid", ifPresent: form["MessagingServiceSid"])
            json.field("body", message.text)
            json.field("status", form["From"] == nil ? "accepted" : "queued")
            json.field("direction", "outbound-api")
            json.field("num_segments", "1")
            json.key("error_code")
            json.null()
            json.key("error_message")
            json.null()
            json.field("uri", "/2010-04-01/Accounts/\(account)/Messages/\(sid).json")
        }
        return Reception(accepted: message, providerID: sid, answer: answer)
    }

    /// An answer in Twilio's error format.
    static func error(status: Int, code: Int, _ text: String) -> HTTPAnswer {
        .json(status) { json in
            json.field("code", code)
            json.field("message", text)
            json.field("more_info", "https://www.twilio.com/docs/errors/\(code)")
            json.field("status", status)
        }
    }

    private struct Refusal {
        let status: Int
        let code: Int
        let text: String
    }

    private static func refusal(
        of request: HTTPRequest, account: Substring, message: ReceivedMessage, form: FormFields
    ) -> Refusal? {
        guard isAuthenticated(request, account: account) else {
            return Refusal(status: 401, code: 20003, text: "Authenticate")
        }
        if message.to.isEmpty { return Refusal(status: 400, code: 21604, text: "A 'To' phone number is required.") }
        if message.from.isEmpty {
            return Refusal(status: 400, code: 21603, text: "A 'From' phone number or MessagingServiceSid is required.")
        }
        if message.text.isEmpty, form["MediaUrl"] == nil, form["ContentSid"] == nil {
            return Refusal(status: 400, code: 21602, text: "Message body is required.")
        }
        if message.text.utf16.count > maxBodyUnits {
            return Refusal(
                status: 400, code: 21617,
                text: "The concatenated message body exceeds the \(maxBodyUnits) character limit.")
        }
        switch message.to {
        case "+15005550002":
            return Refusal(status: 400, code: 21612, text: "The 'To' phone number cannot be reached by SMS.")
        case "+15005550003":
            return Refusal(status: 400, code: 21408, text: "Permission to send to this region is not enabled.")
        case "+15005550004":
            return Refusal(status: 400, code: 21610, text: "Attempt to send to unsubscribed recipient.")
        case "+15005550009":
            return Refusal(status: 400, code: 21614, text: "The 'To' number is not a mobile number.")
        case "+15005550001":
            return Refusal(status: 400, code: 21211, text: "The 'To' number is not a valid phone number.")
        default:
            if isPhoneNumber(message.to) { return nil }
            return Refusal(
                status: 400, code: 21211,
                text: "The 'To' number \(clipped(message.to)) is not a valid phone number; write it as +12025550123.")
        }
    }

    /// Whether the request has Basic credentials with a password, for the path's account or an API key (`SK…`).
    private static func isAuthenticated(_ request: HTTPRequest, account: Substring) -> Bool {
        guard let encoded = request.authorization("Basic"), let bytes = Base64.decodeAny(encoded.utf8),
            let colon = bytes.firstIndex(of: UInt8(ascii: ":")), colon + 1 < bytes.count
        else { return false }
        let user = bytes[..<colon]
        return user.elementsEqual(account.utf8) || user.starts(with: "SK".utf8)
    }

    /// E.164: a plus sign and 8 to 15 digits, the first of them not 0.
    private static func isPhoneNumber(_ text: String) -> Bool {
        let digits = text.utf8.dropFirst()
        return text.utf8.first == UInt8(ascii: "+") && (8...15).contains(digits.count)
            && digits.first != UInt8(ascii: "0") && digits.allSatisfy { (0x30...0x39).contains($0) }
    }
}
