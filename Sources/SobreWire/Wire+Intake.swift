public import JSON
public import SobreIntake
import SobreModel

extension Wire {
    /// Writes the results of a batch of messages: the counts, then each entry in order.
    public static func write(_ results: [IntakeResult], to writer: inout JSONWriter) {
        var accepted = 0
        var replayed = 0
        for result in results {
            switch result.outcome {
            case .accepted: accepted += 1
            case .replayed: replayed += 1
            case .rejected, .notStored: break
            }
        }
        writer.object { writer in
            writer.key("accepted")
            writer.value(accepted)
            writer.key("replayed")
            writer.value(replayed)
            writer.key("rejected")
            writer.value(results.count - accepted - replayed)
            writer.key("results")
            writer.array { writer in for result in results { write(result, to: &writer) } }
        }
    }

    private static func write(_ result: IntakeResult, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("line")
            writer.value(result.line)
            writer.member("idempotency_key", ifPresent: result.idempotencyKey)
            switch result.outcome {
            case .accepted(let id):
                writer.key("status")
                writer.value("accepted")
                writer.key("id")
                writer.value(id.description)
            case .replayed(let id):
                writer.key("status")
                writer.value("replayed")
                writer.key("id")
                writer.value(id.description)
            case .rejected(let problem): write(status: "rejected", ProblemDocument(problem), to: &writer)
            case .notStored(let error): write(status: "not_stored", ProblemDocument(error), to: &writer)
            }
        }
    }

    /// Writes the results of a batch of profiles, consents or suppressions.
    public static func write(_ results: [ProfileResult], to writer: inout JSONWriter) {
        let stored = results.count(where: \.outcome.isTaken)
        writer.object { writer in
            writer.key("stored")
            writer.value(stored)
            writer.key("rejected")
            writer.value(results.count - stored)
            writer.key("results")
            writer.array { writer in for result in results { write(result, to: &writer) } }
        }
    }

    private static func write(_ result: ProfileResult, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("line")
            writer.value(result.line)
            writer.member("id", ifPresent: result.id)
            switch result.outcome {
            case .stored:
                writer.key("status")
                writer.value("stored")
            case .superseded:
                writer.key("status")
                writer.value("superseded")
            case .rejected(let problem): write(status: "rejected", ProblemDocument(problem), to: &writer)
            case .notStored(let error): write(status: "not_stored", ProblemDocument(error), to: &writer)
            }
        }
    }

    private static func write(status: StaticString, _ problem: ProblemDocument, to writer: inout JSONWriter) {
        writer.key("status")
        writer.value("\(status)")
        writer.key("error")
        problem.write(to: &writer)
    }

    /// One result in the response to a batch.
    public struct Entry: Sendable, Hashable {
        public enum Outcome: Sendable, Hashable {
            /// Stored.
            case taken
            /// Accepted earlier under the same idempotency key.
            case replayed
            /// Invalid. Sending it again unchanged gives the same result.
            case rejected(ProblemDocument)
            /// Not stored. It may be sent again.
            case notStored(ProblemDocument)
        }

        /// The line of the NDJSON text, or the index in the array plus 1.
        public var line: Int
        public var outcome: Outcome

        public init(line: Int, outcome: Outcome) {
            self.line = line
            self.outcome = outcome
        }
    }

    /// Reads the response to a batch; nil if `ref` is not one.
    public static func readBatch(_ ref: JSONRef) -> [Entry]? {
        ref["results"].map { results in
            results.elements.map { result in
                let problem =
                    result["error"].flatMap { ProblemDocument($0) }
                    ?? ProblemDocument(status: 0, code: "", detail: "rejected")
                let outcome: Entry.Outcome =
                    switch result["status"]?.string {
                    case "accepted", "stored", "superseded": .taken
                    case "replayed": .replayed
                    case "not_stored": .notStored(problem)
                    default: .rejected(problem)
                    }
                return Entry(line: result["line"]?.int ?? 1, outcome: outcome)
            }
        }
    }
}
