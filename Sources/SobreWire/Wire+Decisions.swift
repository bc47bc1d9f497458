public import JSON
public import SobreModel

extension Wire {
    /// Writes a decision with its explanation under `trace`.
    public static func write(_ decision: AdmissionDecision, channel: Channel?, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("channel", ifPresent: channel?.description)
            writer.key("verdict")
            switch decision.verdict {
            case .send(let address, _):
                writer.value("send")
                writer.key("address")
                writer.value(address.masked)
            case .reroute(let channel):
                writer.value("reroute")
                writer.key("to")
                writer.value(channel.description)
            case .hold(let until, let reason):
                writer.value("hold")
                writer.key("reason")
                writer.value(reason.rawValue)
                // A pause of an operator has no end until it is lifted.
                writer.member("until", ifPresent: until < .distantFuture ? until.rfc3339 : nil)
            case .drop(let reason):
                writer.value("drop")
                writer.key("reason")
                writer.value(reason.rawValue)
            case .expire: writer.value("expire")
            }
            writer.member("summary", ifPresent: decision.summary.nonEmpty)
            writer.key("policy_version")
            writer.value(decision.policyVersion)
            if let trace = decision.explanation {
                writer.key("trace")
                writer.raw(trace)
            }
        }
    }

    /// Writes the explanation of a message: the history of each delivery, with its latest decision under `explanation`.
    public static func write(explanationOf message: Message, history: [LogEntry], to writer: inout JSONWriter) {
        writer.object { writer in
            members(of: message, to: &writer)
            writer.key("deliveries")
            writer.array { writer in
                for last in last(of: history) {
                    write(explanationOf: last, history.filter { $0.delivery == last.delivery }, to: &writer)
                }
            }
        }
    }

    private static func write(
        explanationOf last: LogEntry, _ history: [LogEntry], to writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.key("delivery")
            writer.value(last.delivery.description)
            writer.key("state")
            writer.value(last.state.description)
            writer.member("reason", ifPresent: last.reason.nonEmpty)
            writer.member("detail", ifPresent: last.detail.nonEmpty)
            if let explanation = history.last(where: { $0.explanation != nil })?.explanation {
                writer.key("explanation")
                writer.raw(explanation)
            }
            writer.key("history")
            writer.array { writer in for entry in history { write(entry, to: &writer) } }
        }
    }

    /// Writes the body of `POST /v1/decisions` for a message, at a time; nil: now.
    public static func write(decisionRequest draft: MessageDraft, at: Instant? = nil, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("at", ifPresent: at?.rfc3339)
            writer.member("recipient", ifPresent: draft.recipient)
            writer.member("template", ifPresent: draft.template)
            writer.member("campaign", ifPresent: draft.campaign)
            writer.member("category", ifPresent: draft.category)
            writer.member("topic", ifPresent: draft.topic)
            writer.key("channels")
            writer.value(draft.channels.map(\.description))
            writer.member("route", ifPresent: draft.route.description)
            writer.member("priority", ifPresent: draft.priority.description)
            writer.key("data")
            writer.raw(draft.data)
        }
    }

    /// A decision as the server returned it.
    public struct Decision: Sendable, Hashable {
        /// The channel that was decided for, if the server names one.
        public var channel: Channel?
        /// `send`, `hold`, `drop`, `reroute` or `expire`.
        public var verdict: String
        public var reason: String?
        public var summary: String?
        /// Until when the delivery is held, as text.
        public var until: String?
    }

    /// Reads the response of `POST /v1/decisions`; nil if `ref` is not one.
    public static func readDecisions(_ ref: JSONRef) -> [Decision]? {
        ref["decisions"].map { decisions in
            decisions.elements.map { found in
                Decision(
                    channel: found["channel"]?.string.flatMap { Channel(name: $0) },
                    verdict: found["verdict"]?.string ?? "unknown", reason: found["reason"]?.string,
                    summary: found["summary"]?.string, until: found["until"]?.string)
            }
        }
    }
}
