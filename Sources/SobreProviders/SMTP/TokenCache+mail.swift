internal import SobreDelivery
internal import SobreModel

/// Tokens for the login of mail sessions.
extension TokenCache {
    /// A token with the time that is left for the session.
    enum TimedAnswer: Sendable {
        case token(IssuedToken, left: Duration)
        case refused(Outcome)
    }

    /// A session that has less time left is not begun.
    private static let leastTime = Duration.seconds(1)

    /// Provides a token, and says how much of the session's time is left then.
    func withToken(
        over transport: any Transport, timeout: Duration, completion: @escaping @Sendable (TimedAnswer) -> Void
    ) {
        let started = ContinuousClock.now
        token(over: transport, timeout: timeout) { answer in
            switch answer {
            case .refused(let outcome): completion(.refused(outcome))
            case .token(let token):
                let left = timeout - (ContinuousClock.now - started)
                guard left > Self.leastTime else {
                    let detail = "the access token arrived too late for this attempt"
                    return completion(.refused(Outcome(.transient, detail: detail)))
                }
                completion(.token(token, left: left))
            }
        }
    }

    /// The outcome of a session with a token. A refused login with a token that has worked before is only its age: the
    /// next attempt has a new one.
    func judge(_ answer: MailAnswer, _ outcome: Outcome, _ token: IssuedToken) -> Outcome {
        switch answer {
        case .failure: break
        case .rejected(let stage, _, _, _) where stage == .login:
            if outcome.kind == .auth, rejected(token) { return Outcome(.transient, detail: outcome.detail) }
        case .rejected(let stage, _, _, _) where stage == .connect: break
        case .accepted, .rejected: accepted(token)
        }
        return outcome
    }
}
