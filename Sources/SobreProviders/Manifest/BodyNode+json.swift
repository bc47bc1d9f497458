/// Writes a body as JSON, directly into the request's bytes.
extension BodyNode {
    /// Appends the node. Returns false and appends nothing if it has no value.
    func appendJSON(_ evaluator: RequestEvaluator, to out: inout [UInt8]) -> Bool {
        switch self {
        case .constant(let json):
            out.append(contentsOf: json)
            return true
        case .text(let template): return Self.appendText(template, evaluator, to: &out)
        case .array(let nodes):
            return Self.appendList(to: &out) { out, isFirst in
                for node in nodes { Self.appendElement(node, evaluator, to: &out, isFirst: &isFirst) }
            }
        case .each(let field, let node):
            return Self.appendList(to: &out) { out, isFirst in
                evaluator.forEachItem(of: field) { inner in
                    Self.appendElement(node, inner, to: &out, isFirst: &isFirst)
                }
            }
        case .eachPair(let field, let node):
            return Self.appendList(to: &out) { out, isFirst in
                evaluator.forEachPair(of: field) { name, value in
                    var inner = evaluator
                    inner.item = .pair(name: name, value: value)
                    Self.appendElement(node, inner, to: &out, isFirst: &isFirst)
                }
            }
        case .jsonText(let node):
            guard let text = node.jsonBytes(evaluator) else { return false }
            out.append(UInt8(ascii: "\""))
            Escaping.json.append(text, to: &out)
            out.append(UInt8(ascii: "\""))
            return true
        case .namedPairs(let name, let value, let field):
            return Self.appendList(to: &out) { out, isFirst in
                evaluator.forEachPair(of: field) { key, text in
                    if !isFirst { out.append(UInt8(ascii: ",")) }
                    isFirst = false
                    out.append(UInt8(ascii: "{"))
                    out.append(contentsOf: name)
                    Self.appendString(key, to: &out)
                    out.append(UInt8(ascii: ","))
                    out.append(contentsOf: value)
                    Self.appendString(text, to: &out)
                    out.append(UInt8(ascii: "}"))
                }
            }
        case .condition(let condition, let then, let otherwise):
            if evaluator.holds(condition) { return then.appendJSON(evaluator, to: &out) }
            return otherwise?.appendJSON(evaluator, to: &out) ?? false
        case .object, .pairs, .merge:
            let mark = out.count
            out.append(UInt8(ascii: "{"))
            var isFirst = true
            appendMembers(evaluator, to: &out, isFirst: &isFirst, taken: [])
            if isFirst {
                out.removeLast(out.count - mark)
                return false
            }
            out.append(UInt8(ascii: "}"))
            return true
        case .file: return false
        }
    }

    /// The node as JSON; nil if it has no value.
    func jsonBytes(_ evaluator: RequestEvaluator) -> [UInt8]? {
        var text: [UInt8] = []
        return appendJSON(evaluator, to: &text) ? text : nil
    }

    /// Appends the members of an object without its braces.
    private func appendMembers(
        _ evaluator: RequestEvaluator, to out: inout [UInt8], isFirst: inout Bool,
        taken: [(field: PairsField, prefix: String)]
    ) {
        switch self {
        case .object(let members):
            for member in members {
                if !taken.isEmpty, Self.contains(member.name, in: taken, evaluator) { continue }
                let mark = out.count
                if !isFirst { out.append(UInt8(ascii: ",")) }
                out.append(contentsOf: member.jsonKey)
                if member.node.appendJSON(evaluator, to: &out) {
                    isFirst = false
                } else {
                    out.removeLast(out.count - mark)
                }
            }
        case .pairs(let field, let prefix):
            evaluator.forEachPair(of: field) { key, value in
                if !isFirst { out.append(UInt8(ascii: ",")) }
                isFirst = false
                Self.appendString(prefix.isEmpty ? key : prefix + key, to: &out)
                out.append(UInt8(ascii: ":"))
                Self.appendString(value, to: &out)
            }
        case .merge(let nodes):
            var taken = taken
            for node in nodes {
                node.appendMembers(evaluator, to: &out, isFirst: &isFirst, taken: taken)
                if case .pairs(let field, let prefix) = node { taken.append((field, prefix)) }
            }
        case .condition(let condition, let then, let otherwise):
            let chosen = evaluator.holds(condition) ? then : otherwise
            chosen?.appendMembers(evaluator, to: &out, isFirst: &isFirst, taken: taken)
        default: break
        }
    }

    private static func contains(
        _ name: String, in taken: [(field: PairsField, prefix: String)], _ evaluator: RequestEvaluator
    ) -> Bool {
        var found = false
        for (field, prefix) in taken where name.hasPrefix(prefix) {
            let rest = name.dropFirst(prefix.count)
            evaluator.forEachPair(of: field) { key, _ in if key == rest { found = true } }
        }
        return found
    }

    private static func appendText(
        _ template: Template, _ evaluator: RequestEvaluator, to out: inout [UInt8]
    ) -> Bool {
        if let single = template.single {
            if single.type == .json { return evaluator.append(single, .none, to: &out) }
            out.append(UInt8(ascii: "\""))
            guard evaluator.append(single, .json, to: &out) else {
                out.removeLast()
                return false
            }
            out.append(UInt8(ascii: "\""))
            return true
        }
        out.append(UInt8(ascii: "\""))
        guard evaluator.append(template, .json, to: &out) else {
            out.removeLast()
            return false
        }
        out.append(UInt8(ascii: "\""))
        return true
    }

    private static func appendString(_ text: String, to out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        Escaping.json.append(text, to: &out)
        out.append(UInt8(ascii: "\""))
    }

    private static func appendElement(
        _ node: BodyNode, _ evaluator: RequestEvaluator, to out: inout [UInt8], isFirst: inout Bool
    ) {
        let mark = out.count
        if !isFirst { out.append(UInt8(ascii: ",")) }
        if node.appendJSON(evaluator, to: &out) { isFirst = false } else { out.removeLast(out.count - mark) }
    }

    private static func appendList(to out: inout [UInt8], _ body: (inout [UInt8], inout Bool) -> Void) -> Bool {
        let mark = out.count
        out.append(UInt8(ascii: "["))
        var isFirst = true
        body(&out, &isFirst)
        if isFirst {
            out.removeLast(out.count - mark)
            return false
        }
        out.append(UInt8(ascii: "]"))
        return true
    }
}
