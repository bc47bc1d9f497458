internal import JSON

/// Firebase Cloud Messaging's HTTP v1 send: `POST /v1/projects/{project}/messages:send`
/// (firebase.google.com/docs/reference/fcm/rest/v1/projects.messages/send).
///
/// Device tokens that begin with `unregistered` or `invalid` fail like an unregistered or malformed token.
enum FCMEndpoint {
    /// The most bytes of keys and values in `data`.
    static let maxDataBytes = 4096

    static func receive(
        _ request: HTTPRequest, project: String, isKnownToken: (Substring) -> Bool, context: ReceptionContext
    ) -> Reception {
        var message = context.message(.push, provider: "fcm", request: request)
        message.from = excerpt(project, limit: ReceivedMessage.fieldLimit)
        let document: JSONDocument?
        var problem: String?
        do {
            document = try JSONDocument.parse(request.body)
        } catch {
            document = nil
            problem = "Invalid JSON payload received. \(error)"
        }
        if let document { problem = read(document.root, into: &message) }
        message.takeHints(of: request)

        guard let token = request.authorization("Bearer"), isKnownToken(token) else {
            let text =
                "Request had invalid authentication credentials. Expected an access token of this sandbox's /token."
            return refused(message, status: 401, "UNAUTHENTICATED", detail: nil, text)
        }
        if let problem {
            return refused(message, status: 400, "INVALID_ARGUMENT", detail: "INVALID_ARGUMENT", problem)
        }
        if message.to.hasPrefix("unregistered") {
            return refused(message, status: 404, "NOT_FOUND", detail: "UNREGISTERED", "Requested entity was not found.")
        }
        if message.to.hasPrefix("invalid") {
            let text = "The registration token is not a valid FCM registration token"
            return refused(message, status: 400, "INVALID_ARGUMENT", detail: "INVALID_ARGUMENT", text)
        }
        if document?.root["validate_only"]?.bool == true {
            let name = "projects/\(project)/messages/fake_message_id"
            return Reception(refused: message, "validate_only", answer: .json(200) { $0.field("name", name) })
        }
        let name = "projects/\(project)/messages/0:\(context.identityHex)"
        return Reception(accepted: message, providerID: name, answer: .json(200) { $0.field("name", name) })
    }

    /// An answer in Google's error format. `detail` is the FCM error code.
    static func error(status: Int, _ name: String, detail: String?, _ text: String) -> HTTPAnswer {
        .json(status) { json in
            json.key("error")
            json.object { json in
                json.field("code", status)
                json.field("message", text)
                json.field("status", name)
                guard let detail else { return }
                json.key("details")
                json.array { json in
                    json.object { json in
                        json.field("@type", "type.googleapis.com/google.firebase.fcm.v1.FcmError")
                        json.field("errorCode", detail)
                    }
                }
            }
        }
    }

    private static func refused(
        _ message: ReceivedMessage, status: Int, _ name: String, detail: String?, _ text: String
    ) -> Reception {
        Reception(
            refused: message, "\(detail ?? name): \(text)",
            answer: error(status: status, name, detail: detail, text))
    }

    /// Reads the fields of the row. Returns what is wrong with the request, if anything.
    private static func read(_ root: JSONRef, into message: inout ReceivedMessage) -> String? {
        guard let content = root["message"], content.kind == .object else {
            return "The request has no \"message\" object."
        }
        let targets = ["token", "topic", "condition"].compactMap { key in
            content[key]?.string.map { key == "token" ? $0 : "\(key):\($0)" }
        }
        message.to = targets.first ?? ""
        message.title = content["notification"]?["title"]?.string ?? ""
        message.text = content["notification"]?["body"]?.string ?? ""
        guard targets.count == 1, !message.to.isEmpty else {
            return "Exactly one of token, topic or condition is required."
        }
        return readData(content["data"], into: &message)
    }

    private static func readData(_ data: JSONRef?, into message: inout ReceivedMessage) -> String? {
        guard let data, !data.isNull else { return nil }
        guard data.kind == .object else { return "\"data\" is not an object of strings." }
        var bytes = 0
        for member in data.members {
            let key = member.key.string ?? ""
            guard let value = member.value.string else {
                return "The value of data \"\(clipped(key))\" is not a string."
            }
            bytes += key.utf8.count + value.utf8.count
            message.takeHint(field: key, value)
        }
        return bytes > maxDataBytes ? "Message is too big: data has \(bytes) of at most \(maxDataBytes) bytes." : nil
    }
}
