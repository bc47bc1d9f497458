public import JSON
public import SobreModel
import SobreStore

extension Intake {
    /// Checks one profile, without storing it; `id` is what the path names, if any.
    public func checkProfile(_ ref: JSONRef, id: String? = nil) throws(IntakeProblem) -> Profile {
        try profileReader.read(ref, id: id)
    }

    /// Stores one profile, replacing the one with the same id.
    public func putProfile(_ ref: JSONRef, id: String? = nil) async -> ProfileResult {
        await storeProfiles([judgeProfile(ref, line: 1, id: id)])[0]
    }

    /// Stores the profiles of an NDJSON text, replacing those with the same ids.
    public func importProfiles(_ lines: NDJSONLines) async -> [ProfileResult] {
        await runProfiles(
            lines.lazy.map { line in
                switch parse(line, of: lines) {
                case .success(let document): judgeProfile(document.root, line: line.number, id: nil)
                case .failure(let problem): (line.number, .failure(problem))
                }
            })
    }

    /// Stores the profiles of a JSON array, replacing those with the same ids.
    public func importProfiles(elementsOf array: JSONRef) async -> [ProfileResult] {
        await runProfiles(zip(array.elements, 1...).lazy.map { judgeProfile($0, line: $1, id: nil) })
    }

    private typealias JudgedProfile = (line: Int, profile: Result<Profile, IntakeProblem>)

    private func judgeProfile(_ ref: JSONRef, line: Int, id: String?) -> JudgedProfile {
        do {
            return (line, .success(try profileReader.read(ref, id: id)))
        } catch {
            return (line, .failure(error.relative(to: ref.path).at(line: line)))
        }
    }

    private func runProfiles(_ judged: some Sequence<JudgedProfile>) async -> [ProfileResult] {
        var results: [ProfileResult] = []
        var chunk: [JudgedProfile] = []
        for entry in judged {
            chunk.append(entry)
            if chunk.count >= limits.chunk {
                results += await storeProfiles(chunk)
                chunk.removeAll(keepingCapacity: true)
            }
        }
        if !chunk.isEmpty { results += await storeProfiles(chunk) }
        return results
    }

    private func storeProfiles(_ judged: [JudgedProfile]) async -> [ProfileResult] {
        let good = judged.compactMap { try? $0.profile.get() }
        var stored: [Result<String, IdentityRefusal>] = []
        var failure: StoreError?
        if !good.isEmpty {
            do { stored = try await profiles.put(good) } catch { failure = error }
        }
        var next = 0
        return judged.map { line, result in
            switch result {
            case .failure(let problem): return ProfileResult(line: line, id: nil, outcome: .rejected(problem))
            case .success(let profile):
                if let failure { return ProfileResult(line: line, id: profile.id, outcome: .notStored(failure)) }
                defer { next += 1 }
                if case .failure(let refusal) = stored[next] {
                    let problem = IntakeProblem(refusal).at(line: line)
                    return ProfileResult(line: line, id: profile.id, outcome: .rejected(problem))
                }
                return ProfileResult(line: line, id: profile.id, outcome: .stored)
            }
        }
    }
}
