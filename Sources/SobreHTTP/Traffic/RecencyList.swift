/// Identifiers in the order in which they were added. All changes take constant time.
struct RecencyList<ID: Hashable & Sendable>: Sendable {
    private struct Node {
        var before: ID?
        var after: ID?
    }

    private var nodes: [ID: Node] = [:]
    private var oldest: ID?
    private var newest: ID?

    var count: Int { nodes.count }

    /// Adds an identifier as the newest. One that is there already moves.
    mutating func append(_ id: ID) {
        remove(id)
        nodes[id] = Node(before: newest, after: nil)
        if let newest { nodes[newest]?.after = id } else { oldest = id }
        newest = id
    }

    mutating func remove(_ id: ID) {
        guard let node = nodes.removeValue(forKey: id) else { return }
        if let before = node.before { nodes[before]?.after = node.after } else { oldest = node.after }
        if let after = node.after { nodes[after]?.before = node.before } else { newest = node.before }
    }

    /// The oldest identifier that fulfils a condition.
    func first(where isWanted: (ID) -> Bool) -> ID? {
        var next = oldest
        while let id = next {
            if isWanted(id) { return id }
            next = nodes[id]?.after
        }
        return nil
    }
}
