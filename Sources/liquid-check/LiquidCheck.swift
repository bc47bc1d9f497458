import Files
import Glibc
import JSON
import Liquid

/// Runs the public conformance suites of the Liquid language against this engine.
///
///     liquid-check --golden FILE
///     liquid-check --spec FILE
///
/// Prints each case that fails and ends with `N passed, N failed`. Exit status: 0 if none failed, 1 if some failed, 2
/// if the arguments or the file are wrong.
@main
enum LiquidCheck {
    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, arguments[1] == "--golden" || arguments[1] == "--spec" else {
            complain("usage: liquid-check --golden FILE | --spec FILE")
        }
        let cases: [ConformanceCase]
        switch self.cases(of: arguments[2], isGolden: arguments[1] == "--golden") {
        case .success(let found): cases = found
        case .failure(let trouble): complain(trouble.sentence)
        }
        var runner = Runner()
        for conformanceCase in cases { runner.run(conformanceCase) }
        print("\(runner.passed) passed, \(runner.failed) failed")
        exit(runner.failed == 0 ? 0 : 1)
    }

    /// Why a suite cannot be run.
    struct Trouble: Error {
        var sentence: String
    }

    /// The cases in a suite's file; at least one.
    static func cases(of path: String, isGolden: Bool) -> Result<[ConformanceCase], Trouble> {
        guard let bytes = try? TextFile.read(path, atMost: JSONLimits.suite.maxBytes) else {
            return .failure(Trouble(sentence: "'\(path)' cannot be read."))
        }
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONDocument.parse(bytes, limits: .suite)
        } catch {
            return .failure(Trouble(sentence: "'\(path)' is not JSON: \(error)"))
        }
        let cases = isGolden ? GoldenSuite.cases(document.root) : SpecSuite.cases(document.root)
        guard !cases.isEmpty else {
            return .failure(Trouble(sentence: "'\(path)' holds no cases of that suite."))
        }
        return .success(cases)
    }

    private static func complain(_ sentence: String) -> Never {
        let line = Array((sentence + "\n").utf8)
        _ = write(STDERR_FILENO, line, line.count)
        exit(2)
    }
}

extension JSONLimits {
    /// The suites are single files of several hundred kilobytes.
    static let suite = JSONLimits(maxDepth: 200, maxBytes: 64 << 20)
}
