/// The deliveries that are held, the first to be looked at again on top: by due time, then priority, then id.
///
/// A binary heap. Keys are unique, so the order in which things leave it does not depend on that in which they came.
struct DueQueue {
    struct Node {
        var due: Int64
        var delivery: Int64
        var entry: UInt32
        /// How often it was held so far.
        var holds: UInt32
        /// The rule that held it first, by its row in the tally; -1: none.
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
