/// Finds the name that was probably meant.
enum Spelling {
    /// The candidate at the smallest edit distance from `name`, if that is small for its length.
    static func closest(to name: String, among candidates: some Sequence<String>) -> String? {
        var best: String?
        var bestDistance = max(1, name.utf8.count / 3) + 1
        for candidate in candidates {
            let distance = distance(Array(name.utf8.prefix(40)), Array(candidate.utf8.prefix(40)))
            if distance < bestDistance {
                bestDistance = distance
                best = candidate
            }
        }
        return best
    }

    /// The number of insertions, deletions, replacements and swaps of adjacent letters.
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var older = [Int](repeating: 0, count: b.count + 1)
        var old = Array(0...b.count)
        for i in 0..<a.count {
            var new = [i + 1]
            new.reserveCapacity(b.count + 1)
            for j in 0..<b.count {
                var cost = min(old[j + 1] + 1, new[j] + 1, old[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, older[j - 1] + 1) }
                new.append(cost)
            }
            older = old
            old = new
        }
        return old[b.count]
    }
}
