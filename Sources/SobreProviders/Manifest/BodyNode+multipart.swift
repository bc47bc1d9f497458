/// Writes a body as `multipart/form-data` (RFC 7578): an object of texts and files, with lists as repeated names.
extension BodyNode {
    /// Appends the parts. Fields without a value are omitted. The caller appends the closing boundary.
    func appendParts(_ evaluator: RequestEvaluator, boundary: String, to out: inout [UInt8]) {
        switch self {
        case .object(let members):
            for member in members { member.node.appendPart(member.name, evaluator, boundary, to: &out) }
        case .merge(let nodes): for node in nodes { node.appendParts(evaluator, boundary: boundary, to: &out) }
        case .condition(let condition, let then, let otherwise):
            (evaluator.holds(condition) ? then : otherwise)?.appendParts(evaluator, boundary: boundary, to: &out)
        case .pairs(let field, let prefix):
            evaluator.forEachPair(of: field) { key, value in
                Self.appendHead(of: prefix + key, boundary, to: &out)
                out.append(contentsOf: value.utf8)
                out.append(contentsOf: "\r\n".utf8)
            }
        default: break
        }
    }

    private func appendPart(
        _ name: String, _ evaluator: RequestEvaluator, _ boundary: String, to out: inout [UInt8]
    ) {
        let mark = out.count
        var hasValue = true
        switch self {
        case .constant(let json):
            Self.appendHead(of: name, boundary, to: &out)
            out.append(contentsOf: json)
        case .text(let template):
            Self.appendHead(of: name, boundary, to: &out)
            hasValue = evaluator.append(template, .none, to: &out)
        case .file(let content, let filename, let type):
            Self.appendHead(
                of: name, file: evaluator.bytes(of: filename), type: evaluator.bytes(of: type), boundary, to: &out)
            hasValue = evaluator.append(content, .none, to: &out)
        case .array(let nodes):
            for node in nodes { node.appendPart(name, evaluator, boundary, to: &out) }
            return
        case .each(let field, let node):
            return evaluator.forEachItem(of: field) { inner in node.appendPart(name, inner, boundary, to: &out) }
        case .condition(let condition, let then, let otherwise):
            let chosen = evaluator.holds(condition) ? then : otherwise
            return chosen?.appendPart(name, evaluator, boundary, to: &out) ?? ()
        case .jsonText(let node):
            guard let text = node.jsonBytes(evaluator) else { return }
            Self.appendHead(of: name, boundary, to: &out)
            out.append(contentsOf: text)
        case .object, .pairs, .namedPairs, .eachPair, .merge: return
        }
        if hasValue {
            out.append(contentsOf: "\r\n".utf8)
        } else {
            out.removeLast(out.count - mark)
        }
    }

    private static func appendHead(
        of name: String, file: [UInt8]? = nil, type: [UInt8]? = nil, _ boundary: String, to out: inout [UInt8]
    ) {
        out.append(contentsOf: "--\(boundary)\r\nContent-Disposition: form-data; name=\"".utf8)
        appendQuoted(Array(name.utf8), to: &out)
        if let file {
            out.append(contentsOf: "\"; filename=\"".utf8)
            appendQuoted(file, to: &out)
        }
        out.append(contentsOf: "\"\r\n".utf8)
        if let type, HeaderText.isValid(type) {
            out.append(contentsOf: "Content-Type: ".utf8)
            out.append(contentsOf: type)
            out.append(contentsOf: "\r\n".utf8)
        }
        out.append(contentsOf: "\r\n".utf8)
    }

    /// The three characters that could end the quoted text are percent-encoded, as browsers do (WHATWG HTML, multipart
    /// form data).
    private static func appendQuoted(_ text: [UInt8], to out: inout [UInt8]) {
        for byte in text {
            switch byte {
            case 0x0a: out.append(contentsOf: "%0A".utf8)
            case 0x0d: out.append(contentsOf: "%0D".utf8)
            case UInt8(ascii: "\""): out.append(contentsOf: "%22".utf8)
            default: out.append(byte)
            }
        }
    }
}
