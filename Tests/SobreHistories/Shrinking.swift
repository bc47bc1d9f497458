public import HistoryChecker

extension Simulation {
    /// The shortest history found with a violation of the same invariant. Leaves out steps, first many at a time and
    /// then one by one, as long as the violation remains.
    ///
    /// - Parameters:
    ///   - verdict: The verdict of a history with a violation.
    ///   - mutation: The mutation that was active.
    ///   - budget: The maximum number of histories to run.
    /// - Returns: The verdict of the shortest history.
    public static func shrink(_ verdict: Verdict, mutation: Mutation? = nil, budget: Int = 300) -> Verdict {
        guard let wanted = verdict.violations.first?.invariant else { return verdict }
        var best = verdict
        var left = budget
        func breaks(_ history: History) -> Verdict? {
            guard left > 0 else { return nil }
            left -= 1
            let verdict = play(history, mutation: mutation)
            return verdict.violations.contains { $0.invariant == wanted } ? verdict : nil
        }
        var chunk = max(1, best.history.steps.count / 2)
        while left > 0 {
            var hasShrunk = false
            var from = 0
            while from < best.history.steps.count, left > 0 {
                var shorter = best.history
                shorter.steps.removeSubrange(from..<min(from + chunk, shorter.steps.count))
                if let verdict = breaks(shorter) {
                    best = verdict
                    hasShrunk = true
                } else {
                    from += chunk
                }
            }
            if chunk > 1 {
                chunk /= 2
            } else if !hasShrunk {
                break
            }
        }
        return withFewerLetters(best, breaks)
    }

    /// Leaves out messages of batches.
    private static func withFewerLetters(
        _ verdict: Verdict, _ breaks: (History) -> Verdict?
    ) -> Verdict {
        var best = verdict
        var index = 0
        while index < best.history.steps.count {
            guard case .send(let batch) = best.history.steps[index].action, batch.count > 1 else {
                index += 1
                continue
            }
            var hasShrunk = false
            for letter in batch.indices {
                var shorter = batch
                shorter.remove(at: letter)
                var history = best.history
                history.steps[index].action = .send(shorter)
                if let verdict = breaks(history) {
                    best = verdict
                    hasShrunk = true
                    break
                }
            }
            if !hasShrunk { index += 1 }
        }
        return best
    }
}
