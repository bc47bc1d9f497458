import SobreDelivery
import SobreModel

/// A provider adapter that makes one request and returns one of the outcomes in "Guarantees" in the manual.
struct SimulatedProvider: Provider {
    var name: String
    var channel: Channel
    var mutation: Mutation?

    /// Both kinds of providers take part.
    var preparesAhead: Bool { channel != .push }

    func refusal(of content: RenderedMessage) -> Outcome? { nil }

    func send(
        _ outbound: OutboundMessage, over transport: any Transport, completion: @escaping @Sendable (Outcome) -> Void
    ) {
        let words: String
        switch outbound.content {
        case .email(let content): words = content.text ?? ""
        case .sms(let content): words = content.text
        case .push(let content): words = content.body
        case .whatsapp(let content): words = content.text ?? ""
        case .chat(let content): words = content.text
        }
        let call = HTTPCall(
            url: "https://\(name).test/send",
            headers: [
                ("provider", name), ("reference", outbound.delivery.description), ("attempt", "\(outbound.attempt)"),
                ("channel", channel.description), ("to", outbound.address.value),
                ("duplicate", outbound.possibleDuplicate ? "yes" : "no"),
            ], body: Array(words.utf8), timeout: outbound.timeout,
            mayBegin: outbound.mayBegin)
        transport.call(call) { completion(outcome(of: $0)) }
    }

    private func outcome(of answer: HTTPAnswer) -> Outcome {
        switch answer {
        case .failure(let fault):
            switch fault.proof {
            case .notSent: return Outcome(.transient, detail: fault.message)
            case .configuration: return Outcome(.configuration, detail: fault.message)
            case .unknown:
                return Outcome(mutation == .timeoutSaysUnsent ? .transient : .ambiguous, detail: fault.message)
            }
        case .response(let status, let headers, let body):
            switch status {
            case 200..<300:
                let text = String(decoding: body, as: UTF8.self)
                if text.hasPrefix("id-") { return Outcome(.accepted, providerID: text) }
                return mutation == .garbageSaysSent
                    ? Outcome(.accepted, providerID: "?") : Outcome(.ambiguous, detail: "an answer without an id")
            case 429:
                let wish = headers.first { $0.name == "retry-after" }.flatMap { Int64($0.value) }
                return Outcome(.throttled, detail: "429", retryAfter: wish.map { .seconds($0) })
            case 503: return Outcome(.transient, detail: "503")
            case 404: return Outcome(.recipientInvalid, detail: "404")
            case 410: return Outcome(.recipientGone, detail: "410")
            case 400: return Outcome(.contentRejected, detail: "400")
            case 401: return Outcome(.auth, detail: "401")
            default: return Outcome(.ambiguous, detail: "\(status)")
            }
        }
    }
}
