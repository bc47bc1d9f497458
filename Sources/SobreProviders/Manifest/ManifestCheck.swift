public import SobreModel

/// Runs a manifest's own examples offline: each sample response must give the expected outcome.
public enum ManifestCheck {
    public struct ExampleResult: Sendable, CustomStringConvertible {
        /// The example's number, from 1, and its line in the file.
        public let number: Int
        public let line: Int
        public let expected: Outcome.Kind
        public let outcome: Outcome
        /// The difference; nil if the example passes.
        public let problem: String?

        public var passed: Bool { problem == nil }
        public var description: String {
            "example \(number) (line \(line)): " + (problem ?? "\(expected.rawValue), as expected")
        }
    }

    /// The results in file order.
    public static func run(_ manifest: Manifest) -> [ExampleResult] {
        manifest.examples.enumerated().map { index, example in
            let outcome = manifest.response.outcome(
                status: example.status, headers: example.headers, body: example.body, address: "", now: .epoch)
            return ExampleResult(
                number: index + 1, line: example.line, expected: example.expected, outcome: outcome,
                problem: problem(example, outcome))
        }
    }

    private static func problem(_ example: ManifestExample, _ outcome: Outcome) -> String? {
        if outcome.kind != example.expected {
            return "expected \(example.expected.rawValue), got \(outcome.kind.rawValue)"
        }
        if let id = example.id, id != outcome.providerID {
            return "expected the id \(id), got \(outcome.providerID ?? "none")"
        }
        if let wait = example.retryAfter, wait != outcome.retryAfter {
            return "expected a wait of \(wait), got \(outcome.retryAfter.map { "\($0)" } ?? "none")"
        }
        return nil
    }
}
