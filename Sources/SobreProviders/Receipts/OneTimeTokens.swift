internal import Signing
internal import SobreModel
internal import Synchronization

/// Remembers the tokens of receipts whose signature does not cover the body. A recorded token must not vouch for another
/// body.
final class OneTimeTokens: Sendable {
    /// Tokens that are remembered at most. A provider that sends more within the signature's time is not slowed down: the
    /// oldest are forgotten.
    private static let maxTokens = 65_536

    private struct State {
        var bodies: [String: [UInt8]] = [:]
        /// In the order in which they are forgotten, with the instant.
        var order: [(token: String, until: Instant)] = []
        /// How many of `order` are forgotten already.
        var begin = 0

        mutating func forget(at now: Instant) {
            while begin < order.count, order[begin].until < now || order.count - begin > OneTimeTokens.maxTokens {
                bodies[order[begin].token] = nil
                begin += 1
            }
            if begin > order.count / 2 {
                order.removeFirst(begin)
                begin = 0
            }
        }
    }

    private let state = Mutex(State())

    /// Takes a token with the body that came with it.
    ///
    /// - Parameters:
    ///   - token: the token, verified.
    ///   - body: the body.
    ///   - maxAge: how long before and after its time a signature is valid.
    ///   - now: the present time.
    /// - Returns: false if the token came with another body before. The same body again is a repetition.
    func take(_ token: String, with body: [UInt8], maxAge: Duration, at now: Instant) -> Bool {
        let digest = Digest.sha256(body)
        return state.withLock { state in
            state.forget(at: now)
            if let known = state.bodies[token] { return known == digest }
            state.bodies[token] = digest
            // A signature may be ahead of our clock by `maxAge`, and is valid for as long after that.
            state.order.append((token, now + maxAge + maxAge))
            return true
        }
    }
}
