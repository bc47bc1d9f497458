import JSON
import Liquid
import TerminalOutput

/// What an import says.
public enum BrazeReport {
    /// `file:line:column`, what was done, and a closing line.
    public static func text(_ results: [BrazeImport]) -> [UInt8] {
        var lines: [String] = []
        for result in results {
            for note in result.notes { lines += text(note, in: result.file) }
            for mistake in result.mistakes { lines += "\(mistake)".split(separator: "\n").map(String.init) }
            for name in result.snippets {
                lines.append(
                    "\(result.file): convert the content block '\(name)' as Templates/_snippets/\(name).liquid")
            }
        }
        lines.append(summary(results))
        return Array((lines.map(Console.harmless).joined(separator: "\n") + "\n").utf8)
    }

    private static func text(_ note: BrazeReader.Note, in file: String) -> [String] {
        let place = "\(file):\(note.line):\(note.column):"
        var lines: [String] = []
        if let after = note.after {
            lines.append("\(place) changed \(oneLine(note.before)) to \(oneLine(after))")
        } else {
            lines.append("\(place) cannot convert \(oneLine(note.before))")
        }
        if let problem = note.problem { lines.append("  by hand: \(problem)") }
        return lines
    }

    /// At most 120 characters without line breaks.
    private static func oneLine(_ text: String) -> String {
        let words = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        return words.count <= 120 ? words : String(words.prefix(119)) + "…"
    }

    private static func summary(_ results: [BrazeImport]) -> String {
        let changes = results.reduce(0) { $0 + $1.changes }
        let problems = results.reduce(0) { $0 + $1.problems }
        let needs =
            problems == 0 ? "nothing left to do by hand" : "\(problems) to do by hand"
        return "\(counted(results.count, "file")): \(counted(changes, "place")) changed, \(needs)."
    }

    private static func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

    private static func append(_ mistakes: [LiquidError], to writer: inout JSONWriter) {
        writer.key("mistakes")
        writer.array { writer in
            for mistake in mistakes {
                writer.object { writer in
                    writer.member("mistake", ifPresent: mistake.message)
                    writer.key("line")
                    writer.value(mistake.line)
                    writer.key("column")
                    writer.value(mistake.column)
                }
            }
        }
    }

    /// One object a line: the places, then each file.
    public static func json(_ results: [BrazeImport]) -> [UInt8] {
        var writer = JSONWriter()
        for result in results {
            for note in result.notes {
                writer.object { writer in
                    writer.member("file", ifPresent: result.file)
                    writer.key("line")
                    writer.value(note.line)
                    writer.key("column")
                    writer.value(note.column)
                    writer.member("before", ifPresent: note.before)
                    writer.member("after", ifPresent: note.after)
                    writer.member("problem", ifPresent: note.problem)
                }
                writer.newline()
            }
            writer.object { writer in
                writer.member("file", ifPresent: result.file)
                writer.key("changes")
                writer.value(result.changes)
                writer.key("problems")
                writer.value(result.problems)
                writer.key("snippets")
                writer.value(result.snippets)
                if !result.mistakes.isEmpty { append(result.mistakes, to: &writer) }
            }
            writer.newline()
        }
        return writer.take()
    }
}
