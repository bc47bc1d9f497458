import JSON
import RecordFiles
import SobreIntake
import SobreSettings
import TerminalOutput

/// Reads an NDJSON file with a progress bar. Invalid lines are skipped and collected.
struct NDJSONFile {
    let path: String
    /// The title of the progress bar.
    let title: String
    /// The noun for the lines, in the plural.
    let nouns: String
    var limits = IntakeLimits()

    /// Passes each line's object to `take`.
    ///
    /// - Parameter take: takes one object. An ``IntakeProblem`` is collected for the line; any other error ends
    ///   reading.
    /// - Returns: the lines that were skipped.
    /// - Throws: ``FileError`` if the file cannot be read, and errors of `take`.
    func read(_ take: (JSONRef) throws -> Void) throws -> LineProblems {
        var problems = LineProblems()
        var taken = 0
        let feed = try NDJSONInput(path, maxLineBytes: limits.maxLineBytes)
        let bounds = JSONLimits(maxDepth: limits.maxDepth, maxBytes: limits.maxLineBytes)
        var bar = ProgressBar(title, total: feed.size)
        defer { bar.clear() }
        while let lines = try feed.next() {
            for line in lines {
                guard !line.isTooLong else {
                    problems.add(line: line.number, "The line has more than \(lines.maxLineBytes) bytes.")
                    continue
                }
                do {
                    let document = try JSONDocument.parse(
                        lines.bytes, in: line.range, firstLine: line.number, limits: bounds)
                    try take(document.root)
                    taken += 1
                } catch let problem as IntakeProblem {
                    problems.add(line: line.number, problem)
                } catch let error as JSONError {
                    problems.add(line: line.number, "\(error)")
                }
            }
            bar.update(feed.position, note: "\(taken) \(nouns)")
        }
        return problems
    }
}
