internal import YAMLDocument

/// `idempotency`.
extension ManifestParser {
    /// Reads how repeated requests are recognised, and checks that the request says so.
    func parseIdempotency(signs isSigned: Bool, _ request: RequestPlan) throws(YAMLError) -> ProviderIdempotency {
        guard let value = root["idempotency"] else { return .none }
        if case .scalar(let text, _) = value.content {
            if text == "none" { return .none }
            throw value.error(
                "\"\(text)\" does not say where the key is",
                help: "write none, {header: NAME}, {field: PATH} or {header: webhook-id}")
        }
        let mapping = try value.mapping()
        try mapping.checkKeys(known: ManifestKeys.idempotency)
        let isRepeated = try repeats(mapping)
        if let header = mapping["header"] {
            let name = try Self.headerName(header)
            if isSigned, name.lowercased() == "webhook-id" { return .signature(isRepeated: isRepeated) }
            guard !request.headers.contains(where: { $0.name.lowercased() == name.lowercased() }) else {
                throw header.error("Sobre adds \(name) itself", help: "remove it from request.headers")
            }
            let key =
                try mapping.read("value") { value throws(YAMLError) in try template(value, .message) }
                ?? Template(parts: [.expression(Expression(source: .text(.envelope(.key)), calls: [], type: .text))])
            guard key.mentionsKey else { throw header.error("the value must contain ${key}") }
            return .key(IdempotencyKey(place: name, header: (name, key), isRepeated: isRepeated))
        }
        let field = try mapping.require("field")
        let path = try field.string()
        guard let node = request.body.member(path.split(separator: ".").map(String.init)), case .text(let text) = node,
            text.mentionsKey
        else {
            throw field.error(
                "the body has no field \"\(path)\" that contains the key", help: "write it in the body with ${key}")
        }
        return .key(IdempotencyKey(place: path, header: nil, isRepeated: isRepeated))
    }

    private func repeats(_ mapping: YAMLMapping) throws(YAMLError) -> Bool {
        guard let value = mapping["ambiguous"] else { return false }
        let text = try value.string()
        guard ["fail", "repeat"].contains(text) else { throw value.unknownName(text, known: ["fail", "repeat"]) }
        return text == "repeat"
    }
}

extension Template {
    /// Whether the text contains the delivery's key.
    fileprivate var mentionsKey: Bool {
        parts.contains { part in
            guard case .expression(let expression) = part, case .text(.envelope(.key)) = expression.source else {
                return false
            }
            return true
        }
    }
}

extension BodyNode {
    /// The node at a path of names.
    fileprivate func member(_ path: [String]) -> BodyNode? {
        guard let name = path.first else { return self }
        switch self {
        case .object(let members): return members.first { $0.name == name }?.node.member(Array(path.dropFirst()))
        case .array(let nodes):
            guard let index = Int(name), nodes.indices.contains(index) else { return nil }
            return nodes[index].member(Array(path.dropFirst()))
        case .merge(let nodes):
            for node in nodes { if let found = node.member(path) { return found } }
            return nil
        default: return nil
        }
    }
}
