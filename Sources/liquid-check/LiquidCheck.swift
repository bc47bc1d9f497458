import Glibc
import LiquidConformance

/// Runs the public conformance suites of the Liquid language against this engine.
///
///     liquid-check --golden FILE
///     liquid-check --spec FILE
///
/// Prints each case that fails and ends with `N passed, N failed`. Exit status: 0 if none failed, 1 if some failed, 2
/// if the arguments or the file are wrong.
@main
enum LiquidCheck {
    private static let suites: [String: ConformanceSuite] = ["--golden": .golden, "--spec": .spec]

    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, let suite = suites[arguments[1]] else {
            fail("usage: liquid-check --golden FILE | --spec FILE")
        }
        let cases: [ConformanceCase]
        do throws(ConformanceSuiteError) {
            cases = try suite.cases(in: arguments[2])
        } catch {
            fail(error.description)
        }
        var runner = ConformanceRunner()
        for conformanceCase in cases { runner.run(conformanceCase) }
        print("\(runner.passed) passed, \(runner.failed) failed")
        exit(runner.failed == 0 ? 0 : 1)
    }

    private static func fail(_ sentence: String) -> Never {
        let line = Array((sentence + "\n").utf8)
        _ = write(STDERR_FILENO, line, line.count)
        exit(2)
    }
}
