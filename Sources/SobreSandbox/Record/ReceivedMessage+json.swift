internal import JSON

extension ReceivedMessage {
    /// Writes the row as one object. Absent texts are omitted; flags and counts are always written.
    func write(to json: inout JSONWriter) {
        json.beginObject()
        json.field("seq", seq)
        json.field("at", at)
        if let clock { json.field("clock", clock) }
        json.field("channel", channel.rawValue)
        json.field("provider", provider)
        json.member("person", ifPresent: person)
        json.field("to", to)
        if !from.isEmpty { json.field("from", from) }
        if !title.isEmpty { json.field("title", title) }
        if !text.isEmpty { json.field("text", text) }
        json.member("reference", ifPresent: reference)
        json.member("message_id", ifPresent: messageID)
        json.member("campaign", ifPresent: campaign)
        json.member("category", ifPresent: category)
        json.member("traceparent", ifPresent: trace)
        json.member("provider_id", ifPresent: providerID)
        if possibleDuplicate { json.field("possible_duplicate", true) }
        json.member("fault", ifPresent: fault)
        if delayMilliseconds > 0 { json.field("delay_ms", delayMilliseconds) }
        json.field("status", status)
        json.field("accepted", accepted)
        json.field("answered", answered)
        json.field("bytes", bytes)
        json.member("body", ifPresent: body)
        json.member("note", ifPresent: note)
        json.endObject()
    }

    /// Reads a row. Returns nil if a required field is missing or has the wrong type.
    init?(json: JSONRef) {
        var channel: Channel?
        var seq: Int?
        var at: Int?
        self.init(at: 0, channel: .email, provider: "", to: "")
        for member in json.members {
            let value = member.value
            switch member.key.string {
            case "seq": seq = value.int
            case "at": at = value.int
            case "clock": clock = value.int.map { Int64($0) }
            case "channel": channel = value.string.flatMap { Channel(rawValue: $0) }
            case "provider": provider = value.string ?? ""
            case "person": person = value.string
            case "to": to = value.string ?? ""
            case "from": from = value.string ?? ""
            case "title": title = value.string ?? ""
            case "text": text = value.string ?? ""
            case "reference": reference = value.string
            case "message_id": messageID = value.string
            case "campaign": campaign = value.string
            case "category": category = value.string
            case "traceparent": trace = value.string
            case "provider_id": providerID = value.string
            case "possible_duplicate": possibleDuplicate = value.bool ?? false
            case "fault": fault = value.string
            case "delay_ms": delayMilliseconds = value.int ?? 0
            case "status": status = value.int ?? 0
            case "accepted": accepted = value.bool ?? false
            case "answered": answered = value.bool ?? false
            case "bytes": bytes = value.int ?? 0
            case "body": body = value.string
            case "note": note = value.string
            default: continue
            }
        }
        guard let channel, let seq, let at else { return nil }
        self.channel = channel
        self.seq = seq
        self.at = Int64(at)
    }
}
