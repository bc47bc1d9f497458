import HTTPTypes
import Synchronization

/// Bounds the memory of request bodies that are read or handled at the same time.
final class BodyBudget: Sendable {
    private let limit: Int
    private let taken = Atomic(0)

    init(bytes: Int) { limit = bytes }

    /// The bytes that are taken now.
    var inUse: Int { taken.load(ordering: .relaxed) }

    /// Reserves bytes. Returns false if not enough are left.
    func take(_ bytes: Int) -> Bool {
        if taken.add(bytes, ordering: .relaxed).newValue <= limit { return true }
        taken.subtract(bytes, ordering: .relaxed)
        return false
    }

    func giveBack(_ bytes: Int) { taken.subtract(bytes, ordering: .relaxed) }

    /// The response when the budget is used up.
    static var exhausted: Problem {
        var problem = Problem(
            .serviceUnavailable, "too_busy", "Too many large requests are being handled; try again shortly.")
        problem.headers[.retryAfter] = "1"
        problem.closesConnection = true
        return problem
    }
}
