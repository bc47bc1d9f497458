public import JSON
public import SobreModel
import SobreSettings
public import SobreStore

/// The result of a change of one profile.
public enum ProfilePatchResult: Sendable {
    case changed(Profile)
    case rejected(IntakeProblem)
    /// The store failed. The change may be retried.
    case notStored(StoreError)
}

extension Intake {
    /// Applies a JSON Merge Patch (RFC 7396) to a profile's document.
    ///
    /// Members of the patch replace those of the profile, `attributes` are merged key by key, and `null` removes a
    /// member. Lists (`addresses`, `consents`, `caps.limits`, `caps.pauses`) are replaced as a whole, except that
    /// `aliases` can only be added to. The result is validated like a profile that is put. Reading and storing are
    /// atomic.
    ///
    /// - Parameters:
    ///   - patch: the patch.
    ///   - id: the id or an alias of the profile.
    ///   - condition: what the stored profile must be.
    /// - Returns: the changed profile, or why it was not changed.
    public func patchProfile(
        _ patch: JSONRef, id: String, if condition: ProfileCondition = .none
    ) async -> ProfilePatchResult {
        guard patch.kind == .object else {
            return .rejected(
                FieldReader(limits: limits).wrongType(patch, "an object with the fields to change"))
        }
        let reader = profileReader
        let names = KnownNames(catalogue)
        let jsonLimits = jsonLimits
        do {
            let change = try await profiles.change(id) { profile -> Result<Profile, IntakeProblem> in
                if let problem = condition.problem(with: profile) { return .failure(problem) }
                return Self.apply(patch, to: profile, asked: id, reader, names, jsonLimits)
            }
            switch change {
            case .changed(let profile): return .changed(profile)
            case .unknown: return .rejected(.unknownProfile(id))
            case .refused(let problem): return .rejected(problem)
            case .conflict(let refusal): return .rejected(IntakeProblem(refusal, namingOthers: namesOthers))
            }
        } catch { return .notStored(error) }
    }

    private static func apply(
        _ patch: JSONRef, to profile: Profile, asked id: String, _ reader: ProfileReader, _ names: KnownNames,
        _ limits: JSONLimits
    ) -> Result<Profile, IntakeProblem> {
        var before = JSONWriter()
        ProfileDocument.write(profile, to: &before)
        do throws(IntakeProblem) {
            let target: JSONDocument
            let changed: JSONDocument
            do throws(JSONError) {
                target = try JSONDocument.parse(before.bytes, limits: limits)
                var after = JSONWriter()
                MergePatch.apply(patch, to: target.root, writing: &after)
                changed = try JSONDocument.parse(after.bytes, limits: limits)
            } catch { throw IntakeProblem(error) }
            // The patch may name the id or the alias in the path.
            if let own = patch["id"], own.string != profile.id, own.string != id {
                throw IntakeProblem(
                    .invalidValue, field: "id", message: "An id cannot be changed.",
                    expected: "the same id as in the path, or none; to combine two profiles, merge them")
            }
            var result = try reader.read(changed.root, id: changed.root["id"]?.string ?? profile.id)
            result.id = profile.id
            return .success(try names.checked(result, besides: profile))
        } catch { return .failure(error) }
    }

    /// Merges another profile into this one. The body is `{"from": "anon-1"}`.
    public func mergeProfile(_ order: JSONRef, into id: String) async -> Result<ProfileMerge, PersonRefusal> {
        let fields = FieldReader(limits: limits)
        do throws(IntakeProblem) {
            var from: String?
            for (key, value) in try fields.object(order, "an object such as {\"from\": \"anon-1\"}") {
                switch key.string {
                case "from": from = try fields.text(value, atMost: limits.maxIDBytes, "the id of the profile to merge")
                default: throw fields.unknownKey(key, known: ["from"])
                }
            }
            guard let from else { throw fields.missing("from", in: order, "the id of the profile to merge") }
            return await merge(from, into: id)
        } catch { return .failure(.rejected(error)) }
    }

    /// Merges two profiles under the id of the second.
    public func merge(_ from: String, into id: String) async -> Result<ProfileMerge, PersonRefusal> {
        do {
            return try await profiles.merge(from, into: id)
                .mapError { .rejected(IntakeProblem($0, namingOthers: namesOthers)) }
        } catch { return .failure(.notStored(error)) }
    }

    // MARK: Consents

    /// Records consents from NDJSON lines, each with its `recipient`.
    public func takeConsents(_ lines: NDJSONLines, now: Instant) async -> [ProfileResult] {
        let names = KnownNames(catalogue)
        return await storeConsents(
            entries(lines) { ref throws(IntakeProblem) in try consent(ref, of: nil, names, now: now) })
    }

    /// Records one consent, or an array of them, for `recipient` or for the recipient that each entry names.
    public func takeConsents(_ ref: JSONRef, recipient: String? = nil, now: Instant) async -> [ProfileResult] {
        let names = KnownNames(catalogue)
        let read = { (ref: JSONRef) throws(IntakeProblem) in
            try consent(ref, of: recipient, names, now: now)
        }
        guard ref.kind == .array else { return await storeConsents(CollectionOfOne(entry(ref, line: 1, read))) }
        return await storeConsents(entries(elementsOf: ref, read))
    }

    private func consent(
        _ ref: JSONRef, of recipient: String?, _ names: KnownNames, now: Instant
    ) throws(IntakeProblem) -> ConsentStatement {
        var statement = try ConsentReader(limits: limits).statement(ref, recipient: recipient, now: now)
        statement.consent.category = try names.consent(statement.consent.category, field: "category")
        return statement
    }

    private func storeConsents(_ entries: some Sequence<ReadEntry<ConsentStatement>>) async -> [ProfileResult] {
        await store(entries, named: \.recipient) { statements throws(StoreError) in
            zip(try await profiles.take(statements), statements).map { outcome($0, of: $1.recipient) }
        }
    }

    private func outcome(_ outcome: ConsentOutcome, of id: String) -> ProfileResult.Outcome {
        switch outcome {
        case .inForce: .stored
        case .superseded: .superseded
        case .unknownProfile: .rejected(.unknownProfile(id))
        case .tooMany:
            .rejected(IntakeProblem(.tooMany, message: "The person has too many consents; remove some first."))
        }
    }
}

/// Why two profiles were not merged.
public enum PersonRefusal: Error, Sendable {
    case rejected(IntakeProblem)
    /// The store failed. The merge may be retried.
    case notStored(StoreError)
}

extension IntakeProblem {
    /// The problem of a change to a profile that does not exist.
    static func unknownProfile(_ id: String) -> IntakeProblem {
        IntakeProblem(
            .unknownProfile, message: "There is no profile \(quoted(id)).",
            expected:
                "the id or an alias of a stored profile; PUT /v1/profiles/{id} or sobre profiles import stores one")
    }

    /// Makes a problem from the reason why ids cannot belong to one profile.
    ///
    /// - Parameters:
    ///   - refusal: the reason.
    ///   - namesOthers: whether the message may name the profile that has an alias already.
    public init(_ refusal: IdentityRefusal, namingOthers namesOthers: Bool = true) {
        let code: Code =
            switch refusal {
            case .unknownProfile: .unknownProfile
            case .samePerson: .samePerson
            case .isAlias: .isAlias
            case .aliasTaken: .aliasTaken
            case .tooMany: .tooMany
            }
        self.init(code, message: namesOthers ? refusal.description : refusal.withoutOthers)
    }
}
