/// Writes a body as `application/x-www-form-urlencoded`: an object of texts, with lists as repeated names.
extension BodyNode {
    /// Appends the fields. Fields without a value are omitted.
    func appendForm(_ evaluator: RequestEvaluator, to out: inout [UInt8]) {
        switch self {
        case .object(let members):
            for member in members { member.node.appendField(member.name, evaluator, to: &out) }
        case .merge(let nodes): for node in nodes { node.appendForm(evaluator, to: &out) }
        case .condition(let condition, let then, let otherwise):
            (evaluator.holds(condition) ? then : otherwise)?.appendForm(evaluator, to: &out)
        case .pairs(let field, let prefix):
            evaluator.forEachPair(of: field) { key, value in
                Escaping.appendFormName(prefix + key, to: &out)
                Escaping.form.append(value, to: &out)
            }
        default: break
        }
    }

    private func appendField(_ name: String, _ evaluator: RequestEvaluator, to out: inout [UInt8]) {
        switch self {
        case .constant(let json):
            Escaping.appendFormName(name, to: &out)
            Escaping.form.append(json, to: &out)
        case .text(let template):
            let mark = out.count
            Escaping.appendFormName(name, to: &out)
            if !evaluator.append(template, .form, to: &out) { out.removeLast(out.count - mark) }
        case .array(let nodes): for node in nodes { node.appendField(name, evaluator, to: &out) }
        case .each(let field, let node):
            evaluator.forEachItem(of: field) { inner in node.appendField(name, inner, to: &out) }
        case .condition(let condition, let then, let otherwise):
            (evaluator.holds(condition) ? then : otherwise)?.appendField(name, evaluator, to: &out)
        case .jsonText(let node):
            guard let text = node.jsonBytes(evaluator) else { return }
            Escaping.appendFormName(name, to: &out)
            Escaping.form.append(text, to: &out)
        case .object, .pairs, .namedPairs, .eachPair, .merge, .file: break
        }
    }
}
