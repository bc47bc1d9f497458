public import JSON
import SobreModel
public import SobreSettings

/// Reads a message request from JSON, strictly. An unknown key, a wrong type or a value out of bounds is a problem that
/// names the field and what would be right.
public struct MessageReader: Sendable {
    /// The limits.
    public let limits: IntakeLimits

    public init(limits: IntakeLimits = IntakeLimits()) { self.limits = limits }

    static let keys = [
        "idempotency_key", "recipient", "template", "campaign", "journey", "category", "topic", "tags", "channels",
        "route", "priority", "send", "send_at", "expires_at", "dedup_key", "tenant", "activity", "traceparent", "test",
        "caps", "data", "attachments",
    ]

    /// Reads one request.
    ///
    /// - Parameters:
    ///   - ref: the request.
    ///   - other: a member that stands beside the message and is not read.
    /// - Returns: the request.
    /// - Throws: ``IntakeProblem`` with the field and what would be right.
    public func read(_ ref: JSONRef, besides other: String? = nil) throws(IntakeProblem) -> MessageRequest {
        let fields = FieldReader(limits: limits)
        var request = MessageRequest(recipient: "", template: "")
        for (key, value) in try fields.object(ref, "a message") {
            if let other, key.equals(other) { continue }
            try read(key: key, value, into: &request, fields)
        }
        guard !request.recipient.isEmpty else {
            throw fields.missing("recipient", in: ref, "the id of the recipient")
        }
        guard !request.template.isEmpty else { throw fields.missing("template", in: ref, "the name of a template") }
        if let sendAt = request.sendAt, let expiresAt = request.expiresAt, expiresAt <= sendAt {
            throw IntakeProblem(
                .invalidValue, field: "expires_at",
                message: "The message would expire at \(expiresAt), before it may be sent at \(sendAt).",
                expected: "a time after send_at")
        }
        return request
    }

    private func read(
        key: JSONRef, _ value: JSONRef, into request: inout MessageRequest, _ fields: FieldReader
    ) throws(IntakeProblem) {
        switch key.string {
        case "idempotency_key": request.idempotencyKey = try fields.optionalText(value, atMost: limits.maxKeyBytes)
        case "recipient":
            request.recipient = try fields.text(value, atMost: limits.maxIDBytes, "the id of the recipient")
        case "template":
            request.template = try fields.text(value, atMost: limits.maxNameBytes, "the name of a template")
        case "campaign": request.campaign = try fields.optionalName(value)
        case "journey": request.journey = try fields.optionalName(value)
        case "category": request.category = try fields.optionalName(value)
        case "topic": request.topic = try fields.optionalName(value)
        case "tags": request.tags = try tags(value, fields)
        case "channels": request.channels = try channels(value, fields)
        case "route": try readRoute(value, into: &request, fields)
        case "send": try readSend(value, into: &request, fields)
        case "caps": try readCaps(value, into: &request, fields)
        case "activity": request.activity = try fields.optionalText(value, atMost: limits.maxKeyBytes)
        case "traceparent": request.trace = try trace(value, fields)
        case "tenant": request.tenant = try fields.optionalName(value)
        case "test": if !value.isNull { request.isTest = try fields.bool(value) }
        case "priority":
            if !value.isNull {
                request.priority = try fields.choice(value, Priority.allCases.map(\.description)) { Priority(name: $0) }
            }
        case "send_at": request.sendAt = try fields.optionalInstant(value)
        case "expires_at": request.expiresAt = try fields.optionalInstant(value)
        case "dedup_key": request.dedupKey = try fields.optionalText(value, atMost: limits.maxKeyBytes)
        case "data":
            request.data = try fields.optionalObject(value, "{\"order\": 1001}")
            try checkNames(ofData: value)
        case "attachments": request.attachments = try attachments(value, fields)
        default: throw fields.unknownKey(key, known: Self.keys)
        }
    }

    /// A header that is not valid is ignored; a field was written for this message, so a mistake in it is one.
    private func trace(_ value: JSONRef, _ fields: FieldReader) throws(IntakeProblem) -> TraceParent? {
        guard let text = try fields.optionalText(value, atMost: limits.maxKeyBytes) else { return nil }
        guard let trace = TraceParent(text) else {
            throw IntakeProblem(
                .invalidValue, field: value.path, message: "\(quoted(text)) is not a traceparent of W3C Trace Context.",
                expected: "VERSION-TRACE-PARENT-FLAGS in lower-case digits, such as \(TraceParent.example)")
        }
        return trace
    }

    /// Refuses members that would hide the values which Sobre gives to templates, or be hidden by them.
    private func checkNames(ofData data: JSONRef) throws(IntakeProblem) {
        if data.isNull { return }
        for (key, _) in data.members {
            guard let name = ReservedName.names.first(where: key.equals) else { continue }
            throw IntakeProblem(
                .reservedName, field: key.path, message: "Templates have a value \"\(name)\" of their own.",
                expected: "another name; reserved are \(ReservedName.names.joined(separator: ", "))")
        }
    }

    private func tags(_ value: JSONRef, _ fields: FieldReader) throws(IntakeProblem) -> [String] {
        if value.isNull { return [] }
        var tags: [String] = []
        for element in try fields.array(value, atMost: limits.maxTags, "a list of tags such as [\"promo/summer\"]") {
            let tag = try fields.text(element, atMost: limits.maxNameBytes, "a tag such as \"promo/summer\"")
            guard !tag.hasPrefix("/"), !tag.hasSuffix("/"), !tag.contains("//") else {
                throw IntakeProblem(
                    .invalidValue, field: element.path, message: "\(quoted(tag)) has an empty part between slashes.",
                    expected: "a tag such as \"promo/summer\"")
            }
            if !tags.contains(tag) { tags.append(tag) }
        }
        return tags
    }

    private func channels(_ value: JSONRef, _ fields: FieldReader) throws(IntakeProblem) -> [Channel]? {
        if value.isNull { return nil }
        var channels: [Channel] = []
        for element in try fields.array(value, atMost: 16, "a list of channels such as [\"email\", \"sms\"]") {
            let channel = try fields.channel(element)
            guard !channels.contains(channel) else {
                throw IntakeProblem(
                    .invalidValue, field: element.path, message: "The channel \(channel) is listed twice.",
                    expected: "each channel once")
            }
            channels.append(channel)
        }
        guard !channels.isEmpty else {
            throw IntakeProblem(
                .noChannel, field: value.path, message: "The list of channels is empty.",
                expected:
                    "at least one of \(Channel.names.joined(separator: ", ")), or no \"channels\"")
        }
        return channels
    }
}
