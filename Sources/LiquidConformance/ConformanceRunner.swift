import Liquid

/// Runs cases and counts the results.
public struct ConformanceRunner {
    public private(set) var passed = 0
    public private(set) var failed = 0
    private let renderer = Renderer()
    private let data = TemplateData()

    public init() {}

    /// Runs one case, and prints it if it fails.
    public mutating func run(_ test: ConformanceCase) {
        let got = output(of: test)
        let isRight: Bool
        switch got {
        case .success(let text): isRight = test.expected.contains(text)
        case .failure: isRight = test.expected.isEmpty
        }
        if isRight {
            passed += 1
            return
        }
        failed += 1
        print("FAIL \(test.name)")
        print("  template: \(quoted(test.template))")
        print("  expected: \(test.expected.isEmpty ? "an error" : test.expected.map(quoted).joined(separator: " or "))")
        switch got {
        case .success(let text): print("  got:      \(quoted(text))")
        case .failure(let error): print("  got:      error: \(error.message)")
        }
    }

    private func output(of test: ConformanceCase) -> Result<String, LiquidError> {
        Result { () throws(LiquidError) in
            let template = try Template.parse(
                source: test.template, name: test.name,
                options: ParseOptions(mode: test.mode, dialect: .standard),
                catalogue: MemoryCatalogue(test.snippets))
            data.reset()
            try data.add(json: test.environment)
            // Snippets may nest as deeply as in the reference implementation.
            let options = RenderOptions(
                nowMilliseconds: test.now, undefined: .ignore, limits: RenderLimits(steps: 1_000_000, depth: 99))
            _ = try renderer.render(template, data: data, options: options)
            return renderer.withText { String(decoding: $0, as: UTF8.self) }
        }
    }

    private func quoted(_ text: String) -> String { text.debugDescription }
}
