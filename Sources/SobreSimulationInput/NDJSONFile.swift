import JSON
import RecordFiles
import SobreIntake
import SobreSettings
import TerminalOutput

/// Reads a file of one JSON object a line, with a progress bar. Wrong lines are left out and remembered.
struct NDJSONFile {
    let path: String
    /// What the progress bar says.
    let title: String
    /// What the lines are, in the plural.
    let nouns: String
    var limits = IntakeLimits()

    /// Hands every line on.
    ///
    /// - Parameter take: takes one object; an ``IntakeProblem`` is the line's own, any other error ends the reading.
    /// - Returns: the lines that were left out.
    /// - Throws: ``FileError`` when the file cannot be read, and what `take` throws.
    func read(_ take: (JSONRef) throws -> Void) throws -> LineProblems {
        var problems = LineProblems()
        var taken = 0
        let feed = try LineFeed(path, maxLineBytes: limits.maxLineBytes)
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
