/// The requests of one scheme, host and port: how many run, and which wait.
final class OriginQueue {
    /// Transfers running now.
    var running = 0

    /// Whether the queue stands in the line of those that may start a transfer.
    var isInLine = false

    /// First in, first out: `head` is the next one; what lies before it has been taken.
    private var items: [Submission?] = []
    private var head = 0

    var isEmpty: Bool { head == items.count }

    var count: Int { items.count - head }

    func append(_ submission: Submission) {
        items.append(submission)
    }

    func popFirst() -> Submission? {
        guard head < items.count else { return nil }
        let first = items[head]
        items[head] = nil
        head += 1
        if head == items.count {
            items.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 1_024, head * 2 >= items.count {
            items.removeSubrange(..<head)
            head = 0
        }
        return first
    }

    /// Takes out every waiting request that `isGone` names, in order.
    func remove(where isGone: (Submission) -> Bool) -> [Submission] {
        let waiting = items[head...].compactMap(\.self)
        guard waiting.contains(where: isGone) else { return [] }
        items = waiting.filter { !isGone($0) }
        head = 0
        return waiting.filter(isGone)
    }
}
