import Glibc
import Liquid
import LiquidConformance
import Testing

/// Runs the public suites with the same runner as `liquid-check`. Their files are not part of this repository. They
/// are expected in `../shared/data/liquid`, beside it; the tests say if they are absent.
@Suite struct ConformanceTests {
    @Test(.enabled(if: Suites.isPresent("golden_liquid.json"), "\(Suites.folder)/golden_liquid.json is not there"))
    func `every case of the golden suite passes`() throws {
        let runner = try Suites.run(.golden, "golden_liquid.json")
        #expect(runner.failed == 0)
        #expect(runner.passed == 1054)
    }

    @Test(
        .enabled(if: Suites.isPresent("liquid_spec_cases.json"), "\(Suites.folder)/liquid_spec_cases.json is not there")
    )
    func `every case of the specification passes`() throws {
        let runner = try Suites.run(.spec, "liquid_spec_cases.json")
        #expect(runner.failed == 0)
        #expect(runner.passed >= 3019)
    }

    @Test func `a case with another result is counted and shown`() {
        var runner = ConformanceRunner()
        let right = ConformanceCase(
            name: "a", template: "{{ x }}", environment: Array(#"{"x":1}"#.utf8), snippets: [:], expected: ["1"],
            mode: .strict2, now: 0)
        var wrong = right
        wrong.expected = ["2"]
        var failing = right
        failing.expected = []
        for one in [right, wrong, failing] { runner.run(one) }
        #expect(runner.passed == 1)
        #expect(runner.failed == 2)
    }
}

private enum Suites {
    /// Beside the repository: from Tests/LiquidTests/ConformanceTests.swift up to the package, and one level further.
    static var folder: String {
        let file = #filePath
        let root = file.split(separator: "/").dropLast(3).joined(separator: "/")
        return "/\(root)/../shared/data/liquid"
    }

    static func isPresent(_ name: String) -> Bool { access("\(folder)/\(name)", R_OK) == 0 }

    static func run(_ suite: ConformanceSuite, _ name: String) throws -> ConformanceRunner {
        let cases = try suite.cases(in: "\(folder)/\(name)")
        var runner = ConformanceRunner()
        for one in cases { runner.run(one) }
        return runner
    }
}
