internal import SobreModel

/// The token that a keeper holds.
struct TokenState: Sendable {
    private var token: IssuedToken?
    private var until = Instant.distantPast
    /// Whether the provider has accepted this token at least once.
    private var hasWorked = false
    private var generation = 0

    /// The token, unless it has to be renewed.
    func current(at now: Instant) -> IssuedToken? { now < until ? token : nil }

    mutating func replace(with text: String, until end: Instant) -> IssuedToken {
        generation += 1
        let token = IssuedToken(text: text, generation: generation)
        self.token = token
        until = end
        hasWorked = false
        return token
    }

    mutating func discard() { token = nil }

    mutating func accepted(_ token: IssuedToken) {
        if generation == token.generation { hasWorked = true }
    }

    mutating func rejected(_ token: IssuedToken) -> Bool {
        guard generation == token.generation else { return true }
        self.token = nil
        return hasWorked
    }
}
