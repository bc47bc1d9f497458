internal import SobreModel

/// Authorises requests by a provider's own rule: steps that compute texts from the request, and the headers that are
/// made of them.
struct AuthRecipe: Sendable {
    let steps: [Template]
    let headers: [(name: String, value: Template)]

    /// Adds the headers.
    ///
    /// - Returns: the name of the header or the number of the step that has no value or is not allowed; nil: all is
    ///   well.
    func sign(
        _ evaluator: RequestEvaluator, _ request: SigningInput, into headers: inout [(name: String, value: String)]
    ) -> String? {
        var evaluator = evaluator
        evaluator.signing = request
        for (index, step) in steps.enumerated() {
            guard let value = evaluator.bytes(of: step) else { return "step \(index + 1) of its signature" }
            evaluator.signing?.steps.append(value)
        }
        for (name, template) in self.headers {
            guard let value = evaluator.bytes(of: template), HeaderText.isValid(value) else { return name }
            headers.append((name, String(decoding: value, as: UTF8.self)))
        }
        return nil
    }
}
