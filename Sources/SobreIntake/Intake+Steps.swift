public import JSON
import SobreModel
import SobreSettings
import SobreStore

extension Intake {
    /// One message of a batch after validation: ready to store, or rejected.
    enum Judged {
        case ready(line: Int, Submission)
        case rejected(line: Int, key: String?, IntakeProblem)
    }

    /// Parses one line.
    func parse(_ line: NDJSONLines.Line, of lines: NDJSONLines) -> Result<JSONDocument, IntakeProblem> {
        guard !line.isTooLong else {
            return .failure(
                IntakeProblem(
                    .tooLong, message: "The line has more than \(lines.maxLineBytes) bytes.",
                    expected: "one JSON object per line", line: line.number))
        }
        do {
            return .success(
                try JSONDocument.parse(lines.bytes, in: line.range, firstLine: line.number, limits: jsonLimits))
        } catch {
            return .failure(IntakeProblem(error))
        }
    }

    /// Reads and validates one request, and completes it with its template's defaults.
    func judge(_ entry: JSONRef, line: Int, outerKey: String?) -> Judged {
        // The path of an array's element would begin with its index, which the line already says.
        let ref = entry.asRoot
        var key: String?
        do {
            let request = try messageReader.read(ref)
            key = try idempotencyKey(request.idempotencyKey, outerKey)
            let draft = try request.draft(catalogue, principal: principal)
            let hash = key == nil ? KeyHash.none : KeyHash.request(ref, ignoring: "idempotency_key")
            return .ready(line: line, Submission(draft: draft, idempotencyKey: key, requestHash: hash))
        } catch {
            return .rejected(line: line, key: key, error.at(line: line))
        }
    }

    /// The effective key: the entry's own, else the request's.
    private func idempotencyKey(_ own: String?, _ outer: String?) throws(IntakeProblem) -> String? {
        guard let outer else { return own }
        guard !outer.isEmpty, outer.utf8.count <= limits.maxKeyBytes, !outer.unicodeScalars.contains(where: isControl)
        else {
            throw IntakeProblem(
                .invalidValue, field: "Idempotency-Key",
                message: "The key must have 1 to \(limits.maxKeyBytes) bytes and no control characters.",
                expected: "a key such as order-1001-confirmed")
        }
        return own ?? outer
    }

    /// Stores the ready entries in one transaction and returns the results in the order of the entries.
    func store(_ judged: [Judged]) async -> [IntakeResult] {
        var submissions: [Submission] = []
        submissions.reserveCapacity(judged.count)
        for case .ready(_, let submission) in judged { submissions.append(submission) }
        var stored: [SubmissionResult] = []
        var failure: StoreError?
        if !submissions.isEmpty {
            do { stored = try await messages.enqueue(submissions) } catch { failure = error }
        }
        var next = 0
        return judged.map { entry in
            switch entry {
            case .rejected(let line, let key, let problem):
                return IntakeResult(line: line, idempotencyKey: key, outcome: .rejected(problem))
            case .ready(let line, let submission):
                defer { next += 1 }
                let outcome = failure.map(IntakeResult.Outcome.notStored) ?? Self.outcome(stored[next], line: line)
                return IntakeResult(line: line, idempotencyKey: submission.idempotencyKey, outcome: outcome)
            }
        }
    }

    private static func outcome(_ result: SubmissionResult, line: Int) -> IntakeResult.Outcome {
        switch result {
        case .accepted(let id): .accepted(id)
        case .replayed(let id): .replayed(id)
        case .conflict(let id):
            .rejected(
                IntakeProblem(
                    .idempotencyConflict, field: "idempotency_key",
                    message: "The key was already used for a different request, which became message \(id).",
                    expected: "the same request again, or a new key", line: line))
        }
    }
}

extension IntakeProblem {
    /// Makes a problem from a syntax error.
    public init(_ error: JSONError) {
        self.init(
            .invalidJSON, field: error.path,
            message: error.message.prefix(1).uppercased() + error.message.dropFirst() + ".",
            line: error.line, column: error.column)
    }
}
