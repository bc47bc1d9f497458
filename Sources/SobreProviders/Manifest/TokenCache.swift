internal import SobreDelivery
internal import SobreModel
internal import Text
internal import Synchronization

/// Caches an access token and renews it. Only one request for a token runs at a time; all other callers wait for it.
final class TokenCache: Sendable {
    struct Token: Sendable, Redacted {
        let text: String
        /// The number of tokens that this cache has had.
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
        /// Whether the provider has accepted this token at least once.
        var hasWorked = false
        var waiters: [Waiter]?
        var generation = 0
    }

    /// The longest time one request for a token may take.
    static let maxFetch: Duration = .seconds(10)

    private let grant: TokenGrant
    private let time: any TimeSource
    private let maxWaiters: Int
    private let state = Mutex(State())

    /// Creates an empty cache. At most `maxWaiters` messages wait for a token; any more are returned to be retried.
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

    /// Provides a token: at once if one is cached, else when it has arrived, within `timeout`.
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
                    .refused(
                        Outcome(.throttled, detail: "\(maxWaiters) messages are already waiting for an access token")))
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

    /// Records that the provider accepted the token.
    func accepted(_ token: Token) {
        state.withLock { if $0.generation == token.generation { $0.hasWorked = true } }
    }

    /// Discards a token that the provider rejected as expired. Returns false if the token had never worked. Then the
    /// account is at fault and not the token's age.
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
