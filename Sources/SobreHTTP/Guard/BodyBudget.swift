import HTTPTypes
import Synchronization

/// Bounds the memory of all request bodies that are read or handled at the same time.
final class BodyBudget: Sendable {
    private let free: Atomic<Int>

    init(bytes: Int) { free = Atomic(bytes) }

    /// Reserves bytes. Returns false if not enough are left.
    func take(_ bytes: Int) -> Bool {
        if free.subtract(bytes, ordering: .relaxed).newValue >= 0 { return true }
        free.add(bytes, ordering: .relaxed)
        return false
    }

    func giveBack(_ bytes: Int) { free.add(bytes, ordering: .relaxed) }

    /// The response when the budget is used up.
    static var exhausted: Problem {
        var problem = Problem(
            .serviceUnavailable, "too_busy", "Too many large requests are being handled; try again shortly.")
        problem.headers[.retryAfter] = "1"
        problem.closesConnection = true
        return problem
    }
}
