internal import SobreDelivery
internal import SobreModel
internal import Synchronization

/// Keeps an access token and renews it: one request for a new one in flight, everybody else waits for its answer.
final class TokenCache: Sendable {
    struct Token: Sendable {
        let text: String
        /// Counts the tokens that this cache has had.
        let generation: Int
    }

    enum Answer: Sendable {
        case token(Token)
        case refused(Outcome)
    }

    typealias Waiter = @Sendable (Answer) -> Void

    private struct State {
        var token: Token?
        var until = Instant.distantPast
        /// Whether the provider has taken this token at least once.
        var hasWorked = false
        var waiters: [Waiter]?
        var generation = 0
    }

    /// The longest that one request for a token may take.
    static let maxFetch: Duration = .seconds(10)

    private let grant: TokenGrant
    private let time: any TimeSource
    private let maxWaiters: Int
    private let state = Mutex(State())

    /// Makes an empty cache; of the messages that wait for one token at most `maxWaiters` do, further ones come back.
    init(grant: TokenGrant, time: any TimeSource, maxWaiters: Int = 10_000) {
        self.grant = grant
        self.time = time
        self.maxWaiters = maxWaiters
    }

    private enum Step {
        case answer(Answer)
        case wait
        case fetch
    }

    /// Gives a token: at once where there is one, else when it has come, within `timeout`.
    func token(over transport: any Transport, timeout: Duration, completion: @escaping Waiter) {
        let now = time.now()
        let step = state.withLock { state -> Step in
            if let token = state.token, now < state.until { return .answer(.token(token)) }
            guard state.waiters != nil else {
                state.waiters = [completion]
                return .fetch
            }
            guard state.waiters!.count < maxWaiters else {
                return .answer(
                    .refused(Outcome(.throttled, detail: "\(maxWaiters) messages wait for an access token already")))
            }
            state.waiters!.append(completion)
            return .wait
        }
        switch step {
        case .answer(let answer): completion(answer)
        case .wait: break
        case .fetch: fetch(over: transport, at: now, timeout: min(timeout, Self.maxFetch))
        }
    }

    /// Notes that the provider took the token.
    func accepted(_ token: Token) {
        state.withLock { if $0.generation == token.generation { $0.hasWorked = true } }
    }

    /// Throws a token away that the provider called stale. Returns false when it had never worked: then not its age is
    /// the trouble but the account.
    func rejected(_ token: Token) -> Bool {
        state.withLock { state in
            guard state.generation == token.generation else { return true }
            state.token = nil
            return state.hasWorked
        }
    }

    private func fetch(over transport: any Transport, at now: Instant, timeout: Duration) {
        do {
            let call = try grant.call(at: now, timeout: timeout)
            transport.call(call) { [self] answer in finish(grant.read(answer, at: time.now())) }
        } catch {
            finish(.refused(Outcome(.auth, detail: "no access token: \(error)")))
        }
    }

    private func finish(_ answer: TokenGrant.Answer) {
        let (waiters, result) = state.withLock { state -> ([Waiter], Answer) in
            let waiters = state.waiters ?? []
            state.waiters = nil
            switch answer {
            case .refused(let outcome):
                state.token = nil
                return (waiters, .refused(outcome))
            case .token(let text, let until):
                state.generation += 1
                let token = Token(text: text, generation: state.generation)
                state.token = token
                state.until = until
                state.hasWorked = false
                return (waiters, .token(token))
            }
        }
        for waiter in waiters { waiter(result) }
    }
}
