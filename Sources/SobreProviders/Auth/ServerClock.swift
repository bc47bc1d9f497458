internal import SobreDelivery
internal import SobreModel

/// Asks a provider for the time of its clock, for signatures that it accepts only with its own time. The token is the
/// provider's time minus ours, in milliseconds.
struct ServerClock: TokenSource {
    let url: String
    /// How long an answer is used.
    let lifetime: Duration

    var what: String { "server time" }

    func call(at now: Instant, timeout: Duration) -> HTTPCall { HTTPCall(method: "GET", url: url, timeout: timeout) }

    func read(_ answer: HTTPAnswer, at now: Instant) -> TokenAnswer {
        if let refusal = refusal(of: answer) { return refusal }
        guard case .response(_, _, let body) = answer,
            let seconds = Int64(String(decoding: body, as: UTF8.self).filter { !$0.isWhitespace }),
            (1...(1 << 40)).contains(seconds)
        else { return refused(.transient, "the response is not a number of seconds since 1970") }
        return .token(String(seconds * 1000 - now.milliseconds), until: now + lifetime)
    }
}
