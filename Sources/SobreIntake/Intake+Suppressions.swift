public import JSON
public import SobreModel
import SobreStore

extension Intake {
    /// Stores suppressions from NDJSON lines. Invalid lines do not affect valid ones.
    public func takeSuppressions(_ lines: NDJSONLines, now: Instant) async -> [ProfileResult] {
        let reader = SuppressionReader(limits: limits)
        let entries = entries(lines) { ref throws(IntakeProblem) in try reader.read(ref, now: now) }
        return await store(entries, named: \.label) { suppressions throws(StoreError) in
            try await profiles.suppress(suppressions)
            return Array(repeating: .stored, count: suppressions.count)
        }
    }
}
