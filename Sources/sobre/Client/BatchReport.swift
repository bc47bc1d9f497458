import JSON
import SobreIntake
import SobreModel
import SobreStore

/// What became of the lines of a file, however they got in.
struct BatchReport: Sendable {
    /// One line that was not taken.
    struct Refusal: Sendable {
        var line: Int
        /// The record of a CSV file that begins on this line.
        var record: Int?
        /// Field, sentence and what would be right.
        var text: String

        /// `line 3`, or `record 2, line 3` of a CSV file.
        var place: String { (record.map { "record \($0), " } ?? "") + "line \(line)" }
    }

    var accepted = 0
    var replayed = 0
    /// Lines that are wrong: sending them again changes nothing.
    var refused = 0
    /// Lines that could not be stored: they may be sent again.
    var notStored = 0
    /// The first refusals in the order of the file; at most ``maxShown``.
    private(set) var refusals: [Refusal] = []

    static let maxShown = 20

    var total: Int { accepted + replayed + refused + notStored }

    mutating func refuse(line: Int, _ text: String) {
        refused += 1
        note(line, text)
    }

    mutating func note(_ line: Int, _ text: String) {
        if refusals.count < Self.maxShown { refusals.append(Refusal(line: line, text: text)) }
    }

    /// Notes the numbers of records by the lines on which they begin.
    mutating func name(records: [Int: Int]) {
        for index in refusals.indices {
            if let record = records[refusals[index].line] { refusals[index].record = record }
        }
    }

    mutating func add(_ results: [IntakeResult]) {
        for result in results {
            switch result.outcome {
            case .accepted: accepted += 1
            case .replayed: replayed += 1
            case .rejected(let problem): refuse(line: result.line, Self.text(problem))
            case .notStored(let error):
                notStored += 1
                note(result.line, error.message)
            }
        }
    }

    mutating func add(_ results: [ProfileResult]) {
        for result in results {
            switch result.outcome {
            case .stored, .superseded: accepted += 1
            case .rejected(let problem): refuse(line: result.line, Self.text(problem))
            case .notStored(let error):
                notStored += 1
                note(result.line, error.message)
            }
        }
    }

    /// Adds a server's answer to a batch whose first line has the number `firstLine` in the file.
    mutating func add(answer: JSONRef, firstLine: Int) {
        guard let results = answer["results"] else { return }
        for result in results.elements {
            let line = (result["line"]?.int ?? 1) + firstLine - 1
            switch result["status"]?.string {
            case "accepted", "stored", "superseded": accepted += 1
            case "replayed": replayed += 1
            case let status:
                let problem = result["error"]
                let field = problem?["field"]?.string.map { "\"\($0)\": " } ?? ""
                let expected = problem?["expected"]?.string.map { " Expected: \($0)." } ?? ""
                let text = field + (problem?["detail"]?.string ?? "refused") + expected
                if status == "not_stored" {
                    notStored += 1
                    note(line, text)
                } else {
                    refuse(line: line, text)
                }
            }
        }
    }

    private static func text(_ problem: IntakeProblem) -> String {
        var problem = problem
        problem.line = nil
        return problem.description
    }

    /// How a command ends that took such a batch.
    var status: ExitStatus {
        if notStored > 0 { return .unavailable }
        return refused > 0 ? .negative : .success
    }

    /// The summary as JSON.
    func json(taken: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key(taken)
            writer.value(accepted)
            writer.key("replayed")
            writer.value(replayed)
            writer.key("refused")
            writer.value(refused)
            writer.key("not_stored")
            writer.value(notStored)
            writer.key("problems")
            writer.array { writer in
                for refusal in refusals {
                    writer.object { writer in
                        writer.key("line")
                        writer.value(refusal.line)
                        if let record = refusal.record {
                            writer.key("record")
                            writer.value(record)
                        }
                        writer.key("problem")
                        writer.value(refusal.text)
                    }
                }
            }
        }
        writer.newline()
        return writer.take()
    }
}
