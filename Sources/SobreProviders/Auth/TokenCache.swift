internal import SobreDelivery
internal import SobreModel
internal import Synchronization

/// Caches what a provider hands out for a time, and renews it. Only one request runs at a time; all other callers wait
/// for it.
final class TokenCache: Sendable {
    enum Answer: Sendable {
        case token(IssuedToken)
        case refused(Outcome)
    }

    typealias Waiter = @Sendable (Answer) -> Void

    private struct State {
        var token = TokenState()
        var waiters: [Waiter]?
    }

    /// The longest time one request for a token may take.
    static let maxFetch: Duration = .seconds(10)

    private let source: any TokenSource
    private let time: any TimeSource
    private let maxWaiters: Int
    private let state = Mutex(State())

    /// Creates an empty cache. At most `maxWaiters` messages wait for a token; any more are returned to be retried.
    init(source: any TokenSource, time: any TimeSource, maxWaiters: Int = 10_000) {
        self.source = source
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
            if let token = state.token.current(at: now) { return .answer(.token(token)) }
            guard state.waiters != nil else {
                state.waiters = [completion]
                return .fetch
            }
            guard state.waiters!.count < maxWaiters else {
                return .answer(
                    .refused(
                        Outcome(.throttled, detail: "\(maxWaiters) messages are already waiting for the \(source.what)")
                    ))
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

    private func fetch(over transport: any Transport, at now: Instant, timeout: Duration) {
        do {
            let call = try source.call(at: now, timeout: timeout)
            transport.call(call) { [self] answer in finish(source.read(answer, at: time.now())) }
        } catch {
            finish(.refused(Outcome(.auth, detail: "no \(source.what): \(error)")))
        }
    }

    private func finish(_ answer: TokenAnswer) {
        let (waiters, result) = state.withLock { state -> ([Waiter], Answer) in
            let waiters = state.waiters ?? []
            state.waiters = nil
            switch answer {
            case .refused(let outcome):
                state.token.discard()
                return (waiters, .refused(outcome))
            case .token(let text, let until): return (waiters, .token(state.token.replace(with: text, until: until)))
            }
        }
        for waiter in waiters { waiter(result) }
    }
}

extension TokenCache: TokenKeeper {
    func accepted(_ token: IssuedToken) { state.withLock { $0.token.accepted(token) } }

    func rejected(_ token: IssuedToken) -> Bool { state.withLock { $0.token.rejected(token) } }
}
