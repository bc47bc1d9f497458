import SobreModel
import SobreStore
import Synchronization

/// The deliveries that this node has claimed. Claims are kept in memory: the bucket's lease keeps other nodes away, and
/// the bucket's epoch, compared under its lock, refuses a claim that outlived the lease.
final class HeldClaims: Sendable {
    struct Held: Sendable {
        var epoch: Int64
        var until: Instant
        /// The epoch of the bucket's lease.
        var term: Int64
        var item: QueueItem
        /// The recipient as it was when the delivery was claimed or last decided on. Nil when no profile had the name.
        var person: Person?
    }

    private struct State {
        var held: [DeliveryID: Held] = [:]
        var next: Int64 = 1
    }

    private let state = Mutex(State())

    /// Drops the claims whose leases have ended, and returns the others' deliveries.
    func deliveries(at now: Instant) -> [Int64] {
        state.withLock { state in
            if state.held.contains(where: { $0.value.until <= now }) {
                state.held = state.held.filter { $0.value.until > now }
            }
            return state.held.keys.map(\.rawValue)
        }
    }

    /// Takes a delivery, unless another call of this node has taken it meanwhile.
    ///
    /// - Returns: the claim's epoch, higher than those of all claims before, also of other nodes. Nil when it is taken.
    func take(_ item: QueueItem, of person: Person?, term: Int64, until: Instant, at now: Instant) -> Int64? {
        state.withLock { state in
            if let other = state.held[item.delivery], other.until > now { return nil }
            let epoch = term << 32 | state.next
            state.next += 1
            state.held[item.delivery] = Held(epoch: epoch, until: until, term: term, item: item, person: person)
            return epoch
        }
    }

    /// The claim, unless another one has replaced it. Its lease may have ended.
    func find(_ claim: Claim) -> Held? {
        state.withLock { state in
            guard let held = state.held[claim.delivery], held.epoch == claim.epoch else { return nil }
            return held
        }
    }

    /// Notes how a recipient is known now.
    func update(_ claim: Claim, person: Person?) {
        state.withLock { state in
            if state.held[claim.delivery]?.epoch == claim.epoch { state.held[claim.delivery]?.person = person }
        }
    }

    /// Forgets claims.
    ///
    /// - Returns: whether one of them was held.
    @discardableResult
    func end(_ claims: [Claim]) -> Bool {
        state.withLock { state in
            var isAny = false
            for claim in claims where state.held[claim.delivery]?.epoch == claim.epoch {
                state.held[claim.delivery] = nil
                isAny = true
            }
            return isAny
        }
    }

    /// How many are held.
    func count(at now: Instant) -> Int { deliveries(at: now).count }
}
