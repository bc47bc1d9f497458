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
                Self.appendName(prefix + key, to: &out)
                Escaping.form.append(value, to: &out)
            }
        default: break
        }
    }

    private func appendField(_ name: String, _ evaluator: RequestEvaluator, to out: inout [UInt8]) {
        switch self {
        case .constant(let json): Self.appendConstant(json, name, to: &out)
        case .text(let template):
            let mark = out.count
            Self.appendName(name, to: &out)
            if !evaluator.append(template, .form, to: &out) { out.removeLast(out.count - mark) }
        case .array(let nodes): for node in nodes { node.appendField(name, evaluator, to: &out) }
        case .each(let field, let node):
            evaluator.forEachItem(of: field) { inner in node.appendField(name, inner, to: &out) }
        case .condition(let condition, let then, let otherwise):
            (evaluator.holds(condition) ? then : otherwise)?.appendField(name, evaluator, to: &out)
        case .object, .pairs, .namedPairs, .merge, .file: break
        }
    }

    private static func appendConstant(_ json: [UInt8], _ name: String, to out: inout [UInt8]) {
        appendName(name, to: &out)
        Escaping.form.append(json, to: &out)
    }

    private static func appendName(_ name: String, to out: inout [UInt8]) {
        if !out.isEmpty { out.append(UInt8(ascii: "&")) }
        Escaping.form.append(name, to: &out)
        out.append(UInt8(ascii: "="))
    }
}
