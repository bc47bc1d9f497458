/// A priority queue of held deliveries, ordered by due time, then priority, then id.
///
/// It is a binary heap. Keys are unique, so the output order does not depend on the insertion order.
struct DueQueue {
    struct Node {
        var due: Int64
        var delivery: Int64
        var entry: UInt32
        /// The number of holds so far.
        var holds: UInt32
        /// The row of the rule that held it first; -1 if none.
        var rule: Int32
        var rank: UInt8

        func isBefore(_ other: Node) -> Bool {
            if due != other.due { return due < other.due }
            if rank != other.rank { return rank < other.rank }
            return delivery < other.delivery
        }
    }

    private var nodes: [Node] = []

    var count: Int { nodes.count }
    var first: Node? { nodes.first }

    mutating func push(_ node: Node) {
        nodes.append(node)
        var place = nodes.count - 1
        while place > 0 {
            let parent = (place - 1) / 2
            guard node.isBefore(nodes[parent]) else { break }
            nodes[place] = nodes[parent]
            place = parent
        }
        nodes[place] = node
    }

    mutating func pop() -> Node? {
        guard let top = nodes.first, let last = nodes.popLast() else { return nil }
        guard !nodes.isEmpty else { return top }
        var place = 0
        while true {
            var child = 2 * place + 1
            guard child < nodes.count else { break }
            if child + 1 < nodes.count, nodes[child + 1].isBefore(nodes[child]) { child += 1 }
            guard nodes[child].isBefore(last) else { break }
            nodes[place] = nodes[child]
            place = child
        }
        nodes[place] = last
        return top
    }
}
