/// Finds the name that a mistyped one was probably meant to be.
public enum Suggestion {
    /// The candidate closest to `word`, if it is close enough to suggest; of equally close ones, the first.
    ///
    /// Close enough means at most a third of the word's length in edits, at least one and at most three. Case is
    /// ignored. Words over 64 bytes get no suggestion.
    public static func closest(to word: String, among candidates: some Sequence<String>) -> String? {
        let wanted = Array(word.lowercased().utf8)
        guard !wanted.isEmpty, wanted.count <= 64 else { return nil }
        var best: String?
        var bestDistance = min(3, max(1, wanted.count / 3)) + 1
        for candidate in candidates {
            let offered = Array(candidate.lowercased().utf8)
            guard offered.count <= 64, abs(offered.count - wanted.count) < bestDistance else { continue }
            let distance = distance(wanted, offered)
            if distance < bestDistance {
                best = candidate
                bestDistance = distance
            }
        }
        return best
    }

    /// The number of insertions, deletions, replacements and swaps of neighbours between two words
    /// (optimal string alignment).
    public static func distance(_ first: [UInt8], _ second: [UInt8]) -> Int {
        var beforeLast = [Int](repeating: 0, count: second.count + 1)
        var last = Array(0...second.count)
        for row in 0..<first.count {
            var current = [row + 1]
            for column in 0..<second.count {
                var cost = min(
                    last[column + 1] + 1, current[column] + 1, last[column] + (first[row] == second[column] ? 0 : 1))
                if row > 0, column > 0, first[row] == second[column - 1], first[row - 1] == second[column] {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
            }
            beforeLast = last
            last = current
        }
        return last[second.count]
    }
}
