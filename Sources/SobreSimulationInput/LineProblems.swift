public import SobreIntake
import TerminalOutput

/// The invalid lines of a file: their number, and the first of them.
public struct LineProblems {
    /// The maximum number of lines that are shown.
    public static let shown = 20

    public private(set) var count = 0
    private var first: [(line: Int, text: String)] = []

    public mutating func add(line: Int, _ text: String) {
        count += 1
        if first.count < Self.shown { first.append((line, text)) }
    }

    public mutating func add(line: Int, _ problem: IntakeProblem) {
        var problem = problem
        problem.line = nil
        add(line: line, problem.description)
    }

    /// Prints the lines and their problems on standard error.
    public func printErrors(in name: String, consequence: String) {
        guard count > 0 else { return }
        let terminal = Terminal.standardError
        for problem in first {
            Console.printError(
                "\(Style.bad.paint("\(name), line \(problem.line)", on: terminal)): \(Console.harmless(problem.text))")
        }
        if count > first.count { Console.printError("… and \(count - first.count) more.") }
        Console.printError("\(count) \(count == 1 ? "line" : "lines") of \(name) \(consequence)")
    }
}
