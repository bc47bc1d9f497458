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
    func judge(_ entry: JSONRef, line: Int, outerKey: String?, isBatch: Bool) -> Judged {
        // The path of an array's element would begin with its index, which the line already says.
        let ref = entry.asRoot
        var key: String?
        do {
            var request = try messageReader.read(ref)
            if let trace, request.trace == nil { request.trace = trace }
            key = try idempotencyKey(request.idempotencyKey, outerKey, isBatch: isBatch)
            let draft = try request.draft(catalogue, principal: principal)
            try checkData(ref, of: draft.template)
            let hash = key == nil ? KeyHash.none : KeyHash.request(ref, ignoring: Self.notHashed)
            return .ready(line: line, Submission(draft: draft, idempotencyKey: key, requestHash: hash))
        } catch {
            return .rejected(line: line, key: key, error.at(line: line))
        }
    }

    /// A client that sends a request again gives it the same key and, with tracing, a new place in a trace.
    private static let notHashed = ["idempotency_key", "traceparent"]

    /// Refuses data without which the template cannot be rendered: a message that waits for its sender's correction
    /// would wait for ever.
    func checkData(_ ref: JSONRef, of template: String) throws(IntakeProblem) {
        let data = ref["data"].flatMap { $0.isNull ? nil : $0 }
        guard var problem = catalogue.problem(inData: data, of: template) else { return }
        if !ref.path.isEmpty { problem.field = "\(ref.path).\(problem.field)" }
        throw problem
    }

    /// The effective key: the entry's own, else the request's.
    ///
    /// An entry of a batch may have a key of its own. For a single message, header and body must agree: if they differ,
    /// one of them is a mistake, and using either could send the message twice.
    private func idempotencyKey(
        _ own: String?, _ outer: String?, isBatch: Bool
    ) throws(IntakeProblem) -> String? {
        guard let outer else { return own }
        try IntakeProblem.checkName(
            outer, field: "Idempotency-Key", atMost: limits.maxKeyBytes, "a key such as order-1001-confirmed")
        guard let own else { return outer }
        // By bytes: two spellings of one text are two keys.
        guard isBatch || own.utf8.elementsEqual(outer.utf8) else {
            throw IntakeProblem(
                .idempotencyKeysDiffer, field: "idempotency_key",
                message: "The body has the key \(quoted(own)), the header Idempotency-Key \(quoted(outer)).",
                expected: "the same key in both, or only one of them")
        }
        return own
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
        case .conflict(let id): .rejected(.conflict(with: id, line: line))
        }
    }
}

extension IntakeProblem {
    /// The problem with a key that was used for another request.
    static func conflict(with id: MessageID, line: Int?) -> IntakeProblem {
        IntakeProblem(
            .idempotencyConflict, field: "idempotency_key",
            message: "The key was already used for a different request, which became message \(id).",
            expected: "the same request again, or a new key", line: line)
    }

    /// Makes a problem from a syntax error.
    public init(_ error: JSONError) {
        self.init(
            .invalidJSON, field: error.path,
            message: error.message.prefix(1).uppercased() + error.message.dropFirst() + ".",
            line: error.line, column: error.column)
    }
}
