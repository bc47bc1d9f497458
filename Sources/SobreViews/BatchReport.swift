import JSON
public import SobreIntake
import SobreModel
import SobreStore
public import SobreWire
public import TerminalOutput

/// The results for the lines of a file, through a server or a store.
public struct BatchReport: Sendable {
    /// One line that was not stored.
    public struct Refusal: Sendable {
        public var line: Int
        /// The number of the CSV record that begins on this line.
        public var record: Int?
        /// The field, what is wrong, and what would be right.
        public var text: String

        /// `line 3`, or `record 2, line 3` for a CSV file.
        public var place: String { (record.map { "record \($0), " } ?? "") + "line \(line)" }
    }

    public var accepted = 0
    public var replayed = 0
    /// Invalid lines. Sending them again unchanged gives the same result.
    public var refused = 0
    /// Lines that could not be stored. They may be sent again.
    public var notStored = 0
    /// The first lines that were not stored, in the order of the file; at most ``maxShown``.
    public private(set) var refusals: [Refusal] = []

    public static let maxShown = 20

    public init() {}

    public var total: Int { accepted + replayed + refused + notStored }

    public mutating func refuse(line: Int, _ text: String) {
        refused += 1
        note(line, text)
    }

    public mutating func note(_ line: Int, _ text: String) {
        if refusals.count < Self.maxShown { refusals.append(Refusal(line: line, text: text)) }
    }

    /// Adds the numbers of CSV records, by the lines on which they begin.
    public mutating func name(records: [Int: Int]) {
        for index in refusals.indices {
            if let record = records[refusals[index].line] { refusals[index].record = record }
        }
    }

    public mutating func add(_ results: [IntakeResult]) {
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

    public mutating func add(_ results: [ProfileResult]) {
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

    /// Adds a server's response to a batch.
    public mutating func add(_ entries: [Wire.Entry]) {
        for entry in entries {
            switch entry.outcome {
            case .taken: accepted += 1
            case .replayed: replayed += 1
            case .rejected(let problem): refuse(line: entry.line, Self.text(problem))
            case .notStored(let problem):
                notStored += 1
                note(entry.line, Self.text(problem))
            }
        }
    }

    private static func text(_ problem: ProblemDocument) -> String {
        let field = problem.field.map { "\"\($0)\": " } ?? ""
        return field + problem.detail + (problem.expected.map { " Expected: \($0)." } ?? "")
    }

    private static func text(_ problem: IntakeProblem) -> String {
        var problem = problem
        problem.line = nil
        return problem.description
    }

    /// The exit status of the command.
    public var status: ExitStatus {
        if notStored > 0 { return .unavailable }
        return refused > 0 ? .negative : .success
    }

    /// The summary as JSON.
    public func json(taken: String) -> [UInt8] {
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
