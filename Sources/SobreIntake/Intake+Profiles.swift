public import JSON
public import SobreModel
import SobreStore

extension Intake {
    /// Validates one profile without storing it. `id` is the id in the request's path, if any.
    public func checkProfile(_ ref: JSONRef, id: String? = nil) throws(IntakeProblem) -> Profile {
        try KnownNames(catalogue).checked(try profileReader.read(ref, id: id))
    }

    /// Stores one profile. Replaces an existing profile with the same id.
    public func putProfile(_ ref: JSONRef, id: String? = nil) async -> ProfileResult {
        let entry = entry(ref, line: 1) { ref throws(IntakeProblem) in try checkProfile(ref, id: id) }
        return await storeProfiles(CollectionOfOne(entry))[0]
    }

    /// Replaces a stored profile if a condition holds. Judging it and storing are atomic.
    ///
    /// - Parameters:
    ///   - ref: the profile.
    ///   - id: the id in the request's path.
    ///   - condition: what the stored profile must be; not `.none`.
    /// - Returns: the profile as it is stored now, or why it was not.
    public func replaceProfile(
        _ ref: JSONRef, id: String, if condition: ProfileCondition
    ) async -> ProfilePatchResult {
        let given: Profile
        do { given = try checkProfile(ref, id: id) } catch { return .rejected(error) }
        do {
            let change = try await profiles.change(id) { stored -> Result<Profile, IntakeProblem> in
                guard stored.id == given.id else {
                    return .failure(IntakeProblem(.isAlias(given.id, of: stored.id), namingOthers: namesOthers))
                }
                return condition.problem(with: stored).map { .failure($0) } ?? .success(given)
            }
            switch change {
            case .changed(let profile): return .changed(profile)
            case .unknown: return .rejected(.notThere)
            case .refused(let problem): return .rejected(problem)
            case .conflict(let refusal): return .rejected(IntakeProblem(refusal, namingOthers: namesOthers))
            }
        } catch { return .notStored(error) }
    }

    /// Stores the profiles of NDJSON lines. Replaces existing profiles with the same ids.
    public func importProfiles(_ lines: NDJSONLines) async -> [ProfileResult] {
        let names = KnownNames(catalogue)
        return await storeProfiles(
            entries(lines) { ref throws(IntakeProblem) in try names.checked(try profileReader.read(ref)) })
    }

    /// Stores the profiles of a JSON array. Replaces existing profiles with the same ids.
    public func importProfiles(elementsOf array: JSONRef) async -> [ProfileResult] {
        let names = KnownNames(catalogue)
        return await storeProfiles(
            entries(elementsOf: array) { ref throws(IntakeProblem) in try names.checked(try profileReader.read(ref)) })
    }

    private func storeProfiles(_ entries: some Sequence<ReadEntry<Profile>>) async -> [ProfileResult] {
        await store(entries, named: \.id) { items throws(StoreError) in
            try await profiles.put(items).map { result in
                switch result {
                case .success: .stored
                case .failure(let refusal): .rejected(IntakeProblem(refusal, namingOthers: namesOthers))
                }
            }
        }
    }
}
