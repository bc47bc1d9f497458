internal import Signing
internal import SobreDelivery
internal import SobreModel

/// Something that a provider hands out for a time: an access token, or the time of its clock.
protocol TokenSource: Sendable {
    /// What is requested, for errors: `access token`.
    var what: String { get }

    /// The request.
    ///
    /// - Throws: ``KeyError`` when it cannot be signed.
    func call(at now: Instant, timeout: Duration) throws(KeyError) -> HTTPCall

    /// Reads the response. The message itself has not been sent yet, so every failure here proves that nothing was sent.
    func read(_ answer: HTTPAnswer, at now: Instant) -> TokenAnswer
}

/// What came of a request for a token.
enum TokenAnswer: Sendable {
    case token(String, until: Instant)
    case refused(Outcome)
}

extension TokenSource {
    func refused(_ kind: Outcome.Kind, _ problem: String) -> TokenAnswer {
        .refused(Outcome(kind, detail: Redaction.line("no \(what): \(problem)")))
    }

    /// A failed request, or a response other than 2xx.
    func refusal(of answer: HTTPAnswer, words: String = "") -> TokenAnswer? {
        switch answer {
        case .failure(let fault):
            return refused(fault.proof == .configuration ? .configuration : .transient, fault.message)
        case .response(let status, _, _):
            let kind: Outcome.Kind
            switch status {
            case 200..<300: return nil
            case 300..<400: kind = .configuration
            case 408, 429, 500...: kind = .transient
            default: kind = .auth
            }
            return refused(kind, "HTTP \(status) \(words)")
        }
    }
}
