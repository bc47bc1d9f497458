import Glibc
import JSON
import Liquid

/// Runs the public conformance suites of the Liquid language against this engine.
///
///     liquid-check --golden FILE
///     liquid-check --spec FILE
///
/// Prints each case that fails and closes with `N passed, N failed`. Exit status: 0 none failed, 1 some failed,
/// 2 the arguments or the file are wrong.
@main
enum LiquidCheck {
    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, arguments[1] == "--golden" || arguments[1] == "--spec" else {
            complain("usage: liquid-check --golden FILE | --spec FILE")
        }
        guard let bytes = read(arguments[2]) else { complain("'\(arguments[2])' cannot be read.") }
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONDocument.parse(bytes, limits: .suite)
        } catch {
            complain("'\(arguments[2])' is not JSON: \(error)")
        }
        let cases = arguments[1] == "--golden" ? GoldenSuite.cases(document.root) : SpecSuite.cases(document.root)
        guard !cases.isEmpty else { complain("'\(arguments[2])' holds no cases of that suite.") }
        var runner = Runner()
        for conformanceCase in cases { runner.run(conformanceCase) }
        print("\(runner.passed) passed, \(runner.failed) failed")
        exit(runner.failed == 0 ? 0 : 1)
    }

    private static func complain(_ sentence: String) -> Never {
        let line = Array((sentence + "\n").utf8)
        _ = write(STDERR_FILENO, line, line.count)
        exit(2)
    }

    private static func read(_ path: String) -> [UInt8]? {
        guard let file = fopen(path, "rb") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            if count == 0 { return ferror(file) == 0 ? bytes : nil }
            bytes.append(contentsOf: chunk[..<count])
        }
    }
}

extension JSONLimits {
    /// The suites are single files of some hundred kilobytes.
    static let suite = JSONLimits(maxDepth: 200, maxBytes: 64 << 20)
}
