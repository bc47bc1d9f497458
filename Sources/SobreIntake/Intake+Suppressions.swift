public import JSON
public import SobreModel
import SobreStore

extension Intake {
    /// Takes suppressions: the lines of an NDJSON text. Good lines are kept whatever the others are.
    public func takeSuppressions(_ lines: NDJSONLines, now: Instant) async -> [ProfileResult] {
        let reader = SuppressionReader(limits: limits)
        var results: [ProfileResult] = []
        var chunk: [(line: Int, suppression: Result<Suppression, IntakeProblem>)] = []
        for line in lines {
            switch parse(line, of: lines) {
            case .failure(let problem): chunk.append((line.number, .failure(problem)))
            case .success(let document):
                do {
                    chunk.append((line.number, .success(try reader.read(document.root, now: now))))
                } catch { chunk.append((line.number, .failure(error.at(line: line.number)))) }
            }
            guard chunk.count >= limits.chunk else { continue }
            results += await storeSuppressions(chunk)
            chunk.removeAll(keepingCapacity: true)
        }
        if !chunk.isEmpty { results += await storeSuppressions(chunk) }
        return results
    }

    private func storeSuppressions(
        _ judged: [(line: Int, suppression: Result<Suppression, IntakeProblem>)]
    ) async -> [ProfileResult] {
        let good = judged.compactMap { try? $0.suppression.get() }
        var outcome = ProfileResult.Outcome.stored
        if !good.isEmpty {
            do { try await profiles.suppress(good) } catch { outcome = .notStored(error) }
        }
        return judged.map { line, result in
            switch result {
            case .success(let suppression): ProfileResult(line: line, id: suppression.label, outcome: outcome)
            case .failure(let problem): ProfileResult(line: line, id: nil, outcome: .rejected(problem))
            }
        }
    }
}
