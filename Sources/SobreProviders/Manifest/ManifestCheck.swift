internal import SobreModel

/// Runs a manifest's own examples offline: each sample must mean what the manifest says.
public enum ManifestCheck {
    public struct ExampleResult: Sendable, CustomStringConvertible {
        /// The example's number, from 1, and its line in the file.
        public let number: Int
        public let line: Int
        /// The expected outcome, or the expected kinds of receipts.
        public let expected: String
        /// The difference; nil if the example passes.
        public let problem: String?

        public var passed: Bool { problem == nil }
        public var description: String {
            "example \(number) (line \(line)): " + (problem ?? "\(expected), as expected")
        }
    }

    /// The results in file order.
    public static func run(_ manifest: Manifest) -> [ExampleResult] {
        manifest.examples.enumerated().map { index, example in
            let (expected, problem) =
                switch example.sample {
                case .answer(let status, let headers, let body, let expected):
                    (
                        expected.rawValue,
                        problem(
                            example, expected,
                            manifest.response.outcome(
                                status: status, headers: headers, body: body, address: "", now: .epoch))
                    )
                case .receipt(let request, let expected, let inbound):
                    (words(expected), problem(example, expected, inbound, request, manifest.receipts?.format))
                }
            return ExampleResult(number: index + 1, line: example.line, expected: expected, problem: problem)
        }
    }

    private static func problem(
        _ example: ManifestExample, _ expected: Outcome.Kind, _ outcome: Outcome
    ) -> String? {
        if outcome.kind != expected { return "expected \(expected.rawValue), got \(outcome.kind.rawValue)" }
        if let id = example.id, id != outcome.providerID {
            return "expected the id \(id), got \(outcome.providerID ?? "none")"
        }
        if let wait = example.retryAfter, wait != outcome.retryAfter {
            return "expected a wait of \(wait), got \(outcome.retryAfter.map { "\($0)" } ?? "none")"
        }
        return nil
    }

    private static func problem(
        _ example: ManifestExample, _ expected: [Receipt.Kind], _ inbound: ReceivedText?, _ request: ReceiptRequest,
        _ format: ReceiptFormat?
    ) -> String? {
        let gate = ReceiptGate(instance: "example", verifier: nil, hasOwnSecret: false, url: nil, format: format)
        do {
            let reading = try gate.read(request, isSigned: true, now: .epoch)
            if let refusal = reading.refusals.first { return "expected \(words(expected)), but: \(refusal)" }
            let kinds = reading.receipts.map(\.kind)
            if kinds != expected { return "expected \(words(expected)), got \(words(kinds))" }
            let heard = reading.inbound.first.map { "\($0.text) from \($0.from)" } ?? "no message"
            let wanted = inbound.map { "\($0.text) from \($0.from)" } ?? "no message"
            if heard != wanted { return "expected \(wanted), got \(heard)" }
            if let id = example.id, id != reading.receipts.first?.providerID {
                return "expected the id \(id), got \(reading.receipts.first?.providerID ?? "none")"
            }
            return nil
        } catch { return "expected \(words(expected)), but: \(error)" }
    }

    private static func words(_ kinds: [Receipt.Kind]) -> String {
        kinds.isEmpty ? "none" : kinds.map(\.description).joined(separator: ", ")
    }
}
