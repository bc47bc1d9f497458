import JSON
import SobreIntake
import SobreModel

extension Wire {
    /// What became of a batch of messages: the counts, then each entry in order.
    static func write(_ results: [IntakeResult], to writer: inout JSONWriter) {
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
            case .rejected(let problem): write(status: "rejected", Problem(problem), to: &writer)
            case .notStored(let error): write(status: "not_stored", Problem(error), to: &writer)
            }
        }
    }

    /// What became of a batch of profiles, consents or suppressions.
    static func write(_ results: [ProfileResult], to writer: inout JSONWriter) {
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
            case .rejected(let problem): write(status: "rejected", Problem(problem), to: &writer)
            case .notStored(let error): write(status: "not_stored", Problem(error), to: &writer)
            }
        }
    }

    private static func write(status: StaticString, _ problem: Problem, to writer: inout JSONWriter) {
        writer.key("status")
        writer.value("\(status)")
        writer.key("error")
        problem.write(to: &writer)
    }
}
