/// The memory of one body: its bytes as they arrive, and what they take from a budget.
///
/// Memory follows the bytes that arrived, never the length that a client announces.
struct BodyShare {
    private let budget: BodyBudget
    /// The bytes that every body may hold without asking. The bound of connections bounds their sum, so that small
    /// bodies are read even while large ones have used up the budget.
    private let free: Int
    private var taken = 0
    private(set) var bytes: [UInt8] = []

    init(of budget: BodyBudget, free: Int) {
        self.budget = budget
        self.free = free
    }

    /// Returns what was taken. Call it once, when the body is handled.
    func giveBack() { budget.giveBack(taken) }

    /// Makes room for `count` more bytes of a body that has at most `most` in all. Returns false if the budget is used
    /// up.
    mutating func makeRoom(for count: Int, atMost most: Int) -> Bool {
        let needed = bytes.count + count
        guard needed > bytes.capacity else { return true }
        let room = max(needed, min(bytes.capacity * 2, most))
        let more = max(0, room - free - taken)
        guard more == 0 || budget.take(more) else { return false }
        taken += more
        bytes.reserveCapacity(room)
        return true
    }

    /// Counts memory beside the body's bytes. Returns false if the budget is used up.
    mutating func take(_ count: Int) -> Bool {
        guard budget.take(count) else { return false }
        taken += count
        return true
    }

    /// Returns a part of what ``take(_:)`` counted.
    mutating func release(_ count: Int) {
        budget.giveBack(count)
        taken -= count
    }

    mutating func append(_ part: some Collection<UInt8>) { bytes.append(contentsOf: part) }
}
