import JSON
import SobreIntake
import SobreModel
import SobreRendering

extension PreviewReport {
    /// The preview as one JSON object.
    public func json() -> [UInt8] {
        var writer = JSONWriter(indentation: 2)
        writer.object { writer in
            writer.member("template", ifPresent: template.manifest.name)
            writer.member("version", ifPresent: template.version)
            writer.member("recipient", ifPresent: subject.profile.id)
            writer.member("at", ifPresent: now.rfc3339)
            writer.member("undecided", ifPresent: undecided)
            writer.key("channels")
            writer.array { writer in for part in parts { Self.write(part, to: &writer) } }
        }
        writer.newline()
        return writer.take()
    }

    private static func write(_ part: PreviewReport.Part, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("channel", ifPresent: part.channel.description)
            switch part.result {
            case .rendered(let content, _, _):
                writer.member("outcome", ifPresent: "rendered")
                write(content, to: &writer)
            case .aborted(let reason, _):
                writer.member("outcome", ifPresent: "aborted")
                writer.member("reason", ifPresent: reason)
            case .failed(let reason, _):
                writer.member("outcome", ifPresent: "failed")
                writer.member("reason", ifPresent: reason)
            }
            guard let decision = part.decision else { return }
            writer.key("decision")
            writer.object { writer in
                writer.member("verdict", ifPresent: decision.verdict)
                writer.member("reason", ifPresent: decision.reason.isEmpty ? nil : decision.reason)
            }
        }
    }

    private static func write(_ content: RenderedMessage, to writer: inout JSONWriter) {
        for field in content.channel.form.fields where field != .fromAddress {
            guard let text = content.text(field) else { continue }
            writer.key(field.key)
            writer.value(text)
        }
        if case .sms(let sms) = content {
            let segments = SMSSegments(sms.text)
            writer.member("encoding", ifPresent: segments.encoding.rawValue)
            writer.key("parts")
            writer.value(segments.segments)
            if let written = sms.written {
                writer.member("written", ifPresent: written)
                writer.key("parts_as_written")
                writer.value(SMSSegments(written).segments)
            }
        }
        if case .email(let email) = content, !email.attachments.isEmpty {
            writer.key("attachments")
            writer.files(email.attachments)
        }
        // Headers are omitted, because the mail builder adds the others; only the unsubscribe link is known here.
        for pairs in content.channel.form.pairs where pairs != .headers {
            writer.key(pairs.rawValue)
            writer.object { writer in
                content.forEachPair(of: pairs) { name, value in
                    writer.key(name)
                    writer.value(value)
                }
            }
        }
    }
}
