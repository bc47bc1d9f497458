public import JSON
public import SobreModel
import SobreStore

extension Intake {
    /// Takes suppressions: the lines of an NDJSON text. Good lines are kept whatever the others are.
    public func takeSuppressions(_ lines: NDJSONLines, now: Instant) async -> [ProfileResult] {
        let reader = SuppressionReader(limits: limits)
        let entries = entries(lines) { ref throws(IntakeProblem) in try reader.read(ref, now: now) }
        return await store(entries, named: \.label) { suppressions throws(StoreError) in
            try await profiles.suppress(suppressions)
            return Array(repeating: .stored, count: suppressions.count)
        }
    }
}
