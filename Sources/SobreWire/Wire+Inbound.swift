public import JSON
public import SobreModel
public import SobreStore

extension Wire {
    /// Writes the members of the list of inbound messages that were not understood.
    public static func write(
        unmatched messages: [UnmatchedInboundMessage], next: Int64? = nil, to writer: inout JSONWriter
    ) {
        writer.key("messages")
        writer.array { writer in
            for message in messages {
                writer.object { writer in
                    writer.key("received_at")
                    writer.value(message.receivedAt.rfc3339)
                    writer.key("channel")
                    writer.value(message.channel.description)
                    writer.key("from")
                    writer.value(message.label)
                    writer.key("subject")
                    writer.value(String(message.sender.rawValue, radix: 16))
                    writer.member("provider", ifPresent: message.provider)
                    writer.key("text")
                    writer.value(message.words)
                }
            }
        }
        if let next {
            writer.key("next_before")
            writer.value(next)
        }
    }
}
