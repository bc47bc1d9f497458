import JSON
import SobreModel
import SobreRendering

extension PreviewView {
    /// The preview as one JSON object.
    func json() -> [UInt8] {
        var writer = JSONWriter(indentation: 2)
        writer.object { writer in
            writer.member("template", ifPresent: report.template.manifest.name)
            writer.member("version", ifPresent: report.template.version)
            writer.member("recipient", ifPresent: report.subject.profile.id)
            writer.member("at", ifPresent: report.now.rfc3339)
            writer.member("undecided", ifPresent: report.undecided)
            writer.key("channels")
            writer.array { writer in for part in report.parts { Self.write(part, to: &writer) } }
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
        switch content {
        case .email(let email):
            writer.member("from", ifPresent: email.from.address)
            writer.member("subject", ifPresent: email.subject)
            writer.member("preheader", ifPresent: email.preheader)
            writer.member("html", ifPresent: email.html)
            writer.member("text", ifPresent: email.text)
            writer.member("unsubscribe_url", ifPresent: email.unsubscribeURL)
        case .sms(let sms):
            let segments = SMSSegments(sms.text)
            writer.member("from", ifPresent: sms.from)
            writer.member("text", ifPresent: sms.text)
            writer.member("encoding", ifPresent: segments.encoding.rawValue)
            writer.key("parts")
            writer.value(segments.segments)
        case .push(let push):
            writer.member("title", ifPresent: push.title)
            writer.member("body", ifPresent: push.body)
            writer.member("link", ifPresent: push.link)
            writer.member("image", ifPresent: push.image)
            writer.key("data")
            writer.object { writer in
                for pair in push.data {
                    writer.key(pair.key)
                    writer.value(pair.value)
                }
            }
        }
    }
}
