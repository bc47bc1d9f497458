import JSON
import SobreIntake
import SobreModel
import SobreSimulation

/// Reads message requests into a log, from a file in the format of `sobre enqueue`.
struct RequestFile {
    let path: String
    let catalogue: SimulationCatalogue
    private(set) var problems = LineProblems()
    /// The number of lines with a repeated idempotency key. They are not new messages.
    private(set) var repeated = 0
    private let reader = MessageReader()
    private var seenKeys: Set<KeyHash> = []

    init(_ path: String, catalogue: SimulationCatalogue) {
        self.path = path
        self.catalogue = catalogue
    }

    /// Reads all lines. Invalid lines are skipped and collected.
    mutating func read(into log: inout RequestLog) throws {
        problems = try NDJSONFile(path: path, title: "Reading", nouns: "requests", limits: reader.limits).read {
            try take($0, into: &log)
        }
    }

    private mutating func take(_ ref: JSONRef, into log: inout RequestLog) throws {
        let request = try reader.read(ref)
        guard let sendAt = request.sendAt else {
            throw IntakeProblem(
                .missingField, field: "send_at",
                message: "A simulation has no clock of its own, so each request needs a time.",
                expected: "\"send_at\" with an RFC 3339 time such as 1997-01-01T09:00:00Z")
        }
        if request.channels == nil, !catalogue.isKnown(request.template) {
            throw IntakeProblem(
                .noChannel, field: "channels",
                message: "The template \(request.template) is unknown, and the request names no channel.",
                expected: "\"channels\" in the request, or the template's folder")
        }
        let draft = try request.draft(catalogue)
        if let key = request.idempotencyKey, !seenKeys.insert(KeyHash(key)).inserted {
            repeated += 1
            return
        }
        try log.append(draft, at: sendAt)
    }
}
