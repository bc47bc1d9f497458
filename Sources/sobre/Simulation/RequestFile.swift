import JSON
import SobreIntake
import SobreModel
import SobreSimulation

/// Reads message requests, one JSON object a line as `sobre enqueue` takes them, into a log.
struct RequestFile {
    let path: String
    let catalogue: SimulationCatalogue
    private(set) var problems = LineProblems()
    /// Lines whose idempotency key came before: no new messages.
    private(set) var repeated = 0
    private let reader = MessageReader()
    private var seenKeys: Set<Symbol> = []

    init(_ path: String, catalogue: SimulationCatalogue) {
        self.path = path
        self.catalogue = catalogue
    }

    /// Reads all lines. Wrong ones are left out and remembered.
    mutating func read(into log: inout RequestLog) throws {
        let feed = try LineFeed(path, maxLineBytes: reader.limits.maxLineBytes)
        let limits = JSONLimits(maxDepth: reader.limits.maxDepth, maxBytes: reader.limits.maxLineBytes)
        var bar = ProgressBar("Reading", total: feed.size)
        defer { bar.clear() }
        while let lines = try feed.next() {
            for line in lines {
                guard !line.isTooLong else {
                    problems.add(line: line.number, "The line has more than \(lines.maxLineBytes) bytes.")
                    continue
                }
                let document: JSONDocument
                do {
                    document = try JSONDocument.parse(
                        lines.bytes, in: line.range, firstLine: line.number, limits: limits)
                } catch {
                    problems.add(line: line.number, "\(error)")
                    continue
                }
                do {
                    try take(document.root, into: &log)
                } catch let problem as IntakeProblem {
                    problems.add(line: line.number, problem)
                }
            }
            bar.update(feed.position, note: "\(log.count) requests")
        }
    }

    private mutating func take(_ ref: JSONRef, into log: inout RequestLog) throws {
        let request = try reader.read(ref)
        guard let sendAt = request.sendAt else {
            throw IntakeProblem(
                .missingField, field: "send_at", message: "A simulation has no clock, so each request must say when.",
                expected: "\"send_at\" with an RFC 3339 time such as 1997-01-01T09:00:00Z")
        }
        if request.channels == nil, !catalogue.isKnown(request.template) {
            throw IntakeProblem(
                .noChannel, field: "channels",
                message: "The template \(request.template) is not known here, and the request names no channel.",
                expected: "\"channels\" in the request, or the template's folder")
        }
        let draft = try request.draft(catalogue)
        if let key = request.idempotencyKey, !seenKeys.insert(Symbol(key)).inserted {
            repeated += 1
            return
        }
        try log.append(draft, at: sendAt)
    }
}

/// Reads profiles, one JSON object a line as `sobre profiles import` takes them, for the people of a log.
struct ProfileFile {
    let path: String
    private(set) var problems = LineProblems()

    init(_ path: String) { self.path = path }

    mutating func read(into population: inout Population, for log: RequestLog) throws {
        let reader = ProfileReader()
        let feed = try LineFeed(path, maxLineBytes: reader.limits.maxLineBytes)
        let limits = JSONLimits(maxDepth: reader.limits.maxDepth, maxBytes: reader.limits.maxLineBytes)
        var bar = ProgressBar("Reading people", total: feed.size)
        defer { bar.clear() }
        while let lines = try feed.next() {
            for line in lines {
                guard !line.isTooLong else {
                    problems.add(line: line.number, "The line has more than \(lines.maxLineBytes) bytes.")
                    continue
                }
                do {
                    let document = try JSONDocument.parse(
                        lines.bytes, in: line.range, firstLine: line.number, limits: limits)
                    population.add(try reader.read(document.root), in: log)
                } catch let problem as IntakeProblem {
                    problems.add(line: line.number, problem)
                } catch {
                    problems.add(line: line.number, "\(error)")
                }
            }
            bar.update(feed.position, note: "\(population.count) people")
        }
    }
}
