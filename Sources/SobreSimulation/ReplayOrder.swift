/// The requests of a log in independent groups. Recipients who share no address cannot affect each other's caps, so
/// each group is replayed to its end before the next one begins. This keeps little in memory at a time.
struct ReplayOrder {
    /// Positions in the log, grouped, in the log's order within a group.
    private let positions: [UInt32]
    /// The start of each group, and the end of the last one.
    private let starts: [Int]

    /// - Parameters:
    ///   - log: the log.
    ///   - count: the number of requests to take, from the first.
    ///   - persons: the recipient's number for each number of the log.
    ///   - profiles: the number of profiles. Those without requests have the last numbers.
    ///   - sharers: the profiles that share an address, for each shared address.
    init(_ log: RequestLog, count: Int, persons: [UInt32], profiles: Int, sharers: some Collection<[UInt32]>) {
        var groups = Groups(count: profiles)
        for members in sharers {
            for other in members.dropFirst() { groups.join(members[0], other) }
        }
        var starts = [Int](repeating: 0, count: persons.count + 1)
        let group = persons.map { groups.first(of: $0) }
        for entry in log.entries.prefix(count) { starts[Int(group[Int(entry.person)]) + 1] += 1 }
        for index in 1..<starts.count { starts[index] += starts[index - 1] }
        var next = starts
        var positions = [UInt32](repeating: 0, count: count)
        for index in 0..<count {
            let own = Int(group[Int(log.entries[index].person)])
            positions[next[own]] = UInt32(index)
            next[own] += 1
        }
        self.positions = positions
        self.starts = starts
    }

    /// The number of groups, including empty ones.
    var count: Int { starts.count - 1 }

    subscript(group: Int) -> ArraySlice<UInt32> { positions[starts[group]..<starts[group + 1]] }
}

/// Disjoint sets (union-find). Each is named by its smallest member.
private struct Groups {
    private var parent: [UInt32]

    init(count: Int) { parent = (0..<UInt32(count)).map { $0 } }

    mutating func first(of member: UInt32) -> UInt32 {
        var member = member
        while parent[Int(member)] != member {
            parent[Int(member)] = parent[Int(parent[Int(member)])]
            member = parent[Int(member)]
        }
        return member
    }

    mutating func join(_ a: UInt32, _ b: UInt32) {
        let (a, b) = (first(of: a), first(of: b))
        parent[Int(max(a, b))] = min(a, b)
    }
}
