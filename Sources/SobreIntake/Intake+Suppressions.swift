public import JSON
public import SobreModel
import SobreStore

extension Intake {
    /// Stores suppressions from NDJSON lines. Invalid lines do not affect valid ones.
    public func takeSuppressions(_ lines: NDJSONLines, now: Instant) async -> [ProfileResult] {
        let names = KnownNames(catalogue)
        let entries = entries(lines) { ref throws(IntakeProblem) in try suppression(ref, names, now: now) }
        return await store(entries, named: \.label) { suppressions throws(StoreError) in
            try await profiles.suppress(suppressions)
            return Array(repeating: .stored, count: suppressions.count)
        }
    }

    /// Stores one suppression, or all of an array if all are valid.
    ///
    /// - Parameters:
    ///   - ref: the suppression or the array.
    ///   - now: the time for a suppression without `at`, and the latest time that `at` can have.
    /// - Returns: the stored suppressions.
    /// - Throws: ``IntakeProblem`` with the name of the field, or `StoreError`.
    public func takeSuppressions(_ ref: JSONRef, now: Instant) async throws -> [Suppression] {
        let names = KnownNames(catalogue)
        let refs = ref.kind == .array ? Array(ref.elements) : [ref]
        var suppressions: [Suppression] = []
        for ref in refs { suppressions.append(try suppression(ref, names, now: now)) }
        try await profiles.suppress(suppressions)
        return suppressions
    }

    private func suppression(
        _ ref: JSONRef, _ names: KnownNames, now: Instant
    ) throws(IntakeProblem) -> Suppression {
        var suppression = try SuppressionReader(limits: limits).read(ref, now: now)
        if let category = suppression.category {
            suppression.category = try names.categoryOrTopic(category, field: "category")
        }
        return suppression
    }
}
