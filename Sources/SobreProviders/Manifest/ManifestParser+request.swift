internal import SobreModel
internal import YAMLDocument

/// The request and its body.
extension ManifestParser {
    func parseRequest(_ value: YAMLValue) throws(YAMLError) -> RequestPlan {
        let mapping = try value.mapping()
        try mapping.checkKeys(known: ManifestKeys.request)
        let method = try mapping.string("method", default: "POST")
        guard ["POST", "PUT", "PATCH"].contains(method) else {
            throw try mapping.require("method").unknownName(method, known: ["POST", "PUT", "PATCH"])
        }
        let contentType = try mapping.choice("content_type", default: RequestPlan.ContentType.json)
        let bodyValue = try mapping.require("body")
        let body = try parseBody(bodyValue, .message)
        switch contentType {
        case .form, .multipart:
            try checkForm(body, bodyValue, isTop: true, takesFiles: contentType == .multipart)
        case .json, .awsJSON: try checkFiles(body, bodyValue)
        }
        return RequestPlan(
            method: method,
            path: try mapping.read("path") { value throws(YAMLError) in try template(value, .message) }
                ?? Template(parts: []),
            query: try namedTemplates(mapping["query"], areHeaders: false),
            headers: try namedTemplates(mapping["headers"], areHeaders: true), contentType: contentType, body: body,
            hasAddressInBody: body.hasAddress)
    }

    private func namedTemplates(
        _ value: YAMLValue?, areHeaders: Bool
    ) throws(YAMLError) -> [(name: String, value: Template)] {
        guard let value else { return [] }
        var pairs: [(name: String, value: Template)] = []
        for entry in try value.mapping().entries {
            if areHeaders, !MIMEToken.isValid(entry.key) {
                throw entry.value.error("\"\(entry.key)\" is not a header's name")
            }
            if areHeaders, entry.key.lowercased() == ManifestProvider.traceParent {
                throw entry.value.error(
                    "traceparent is not a manifest's to set", help: "every request has the message's own, if it has one"
                )
            }
            pairs.append((entry.key, try template(entry.value, .message)))
        }
        return pairs
    }

    /// Checks that a form consists of names with texts or lists of texts, and of files where it is multipart.
    private func checkForm(
        _ node: BodyNode, _ value: YAMLValue, isTop: Bool, takesFiles: Bool
    ) throws(YAMLError) {
        let flat = "a form must be one object of strings and lists of strings"
        switch node {
        case .constant, .text: if isTop { throw value.error(flat) }
        case .object(let members):
            guard isTop else { throw value.error(flat) }
            for member in members { try checkForm(member.node, value, isTop: false, takesFiles: takesFiles) }
        case .pairs, .merge: if !isTop { throw value.error(flat) }
        case .array(let nodes):
            if isTop { throw value.error(flat) }
            for node in nodes { try checkForm(node, value, isTop: false, takesFiles: takesFiles) }
        case .each(_, let node):
            if isTop { throw value.error(flat) }
            try checkForm(node, value, isTop: false, takesFiles: takesFiles)
        case .condition(_, let then, let otherwise):
            try checkForm(then, value, isTop: isTop, takesFiles: takesFiles)
            if let otherwise { try checkForm(otherwise, value, isTop: isTop, takesFiles: takesFiles) }
        case .file: if isTop || !takesFiles { throw value.error(Self.misplacedFile) }
        case .jsonText: if isTop { throw value.error(flat) }
        case .namedPairs, .eachPair: throw value.error(flat)
        }
    }

    private static let misplacedFile = "$file belongs to a field of content_type: multipart/form-data"

    private func checkFiles(_ node: BodyNode, _ value: YAMLValue) throws(YAMLError) {
        switch node {
        case .file: throw value.error(Self.misplacedFile)
        case .object(let members): for member in members { try checkFiles(member.node, value) }
        case .array(let nodes), .merge(let nodes): for node in nodes { try checkFiles(node, value) }
        case .each(_, let node), .eachPair(_, let node), .jsonText(let node): try checkFiles(node, value)
        case .condition(_, let then, let otherwise):
            try checkFiles(then, value)
            if let otherwise { try checkFiles(otherwise, value) }
        case .constant, .text, .pairs, .namedPairs: return
        }
    }

    func parseBody(_ value: YAMLValue, _ place: ExpressionPlace) throws(YAMLError) -> BodyNode {
        switch value.content {
        case .scalar: return try parseScalar(value, place)
        case .sequence(let elements):
            if elements.isEmpty { return .constant(Array("[]".utf8)) }
            var nodes: [BodyNode] = []
            for element in elements { nodes.append(try parseBody(element, place)) }
            return .array(nodes)
        case .mapping(let entries):
            if entries.isEmpty { return .constant(Array("{}".utf8)) }
            let mapping = try value.mapping()
            if entries.contains(where: { $0.key.hasPrefix("$") }) { return try parseSpecial(mapping, place) }
            var members: [BodyNode.Member] = []
            for entry in entries where !entry.value.isNull {
                members.append(.init(name: entry.key, node: try parseBody(entry.value, place)))
            }
            return .object(members)
        }
    }

    private func parseScalar(_ value: YAMLValue, _ place: ExpressionPlace) throws(YAMLError) -> BodyNode {
        switch value.scalar {
        case .bool(let flag)?: return .constant(Array(flag ? "true".utf8 : "false".utf8))
        case .int(let number)?: return .constant(Array(String(number).utf8))
        case .double(let number)?: return .constant(Array("\(number)".utf8))
        case .null?, nil: return .constant(Array("null".utf8))
        case .string?:
            let template = try template(value, place)
            for part in template.parts {
                guard case .expression(let expression) = part else { continue }
                try checkWritable(expression.type, value, alone: template.single != nil)
            }
            return .text(template)
        }
    }

    private func checkWritable(_ type: ValueType, _ value: YAMLValue, alone: Bool) throws(YAMLError) {
        switch type {
        case .text, .mailbox: return
        case .json where alone: return
        case .bytes: throw value.error("bytes cannot be written as text", help: "encode them: ${… | b64}")
        case .json:
            throw value.error(
                "a JSON value cannot be combined with other text", help: "write ${… | parse_json} and nothing else")
        case .mailboxes, .attachments, .texts, .attachment:
            throw value.error("\(type.words) cannot be written as text", help: "use $each, or | first, or | join(', ')")
        case .pairs: throw value.error("\(type.words) cannot be written as text", help: "use $pairs or $kv")
        }
    }

    private func parseSpecial(_ mapping: YAMLMapping, _ place: ExpressionPlace) throws(YAMLError) -> BodyNode {
        guard let (kind, keys) = ManifestKeys.nodes.first(where: { mapping.contains($0.key) }) else {
            try mapping.checkKeys(known: ManifestKeys.nodes.keys.sorted())
            throw mapping.value.error("this node is unknown")
        }
        try mapping.checkKeys(known: keys)
        let value = try mapping.require(kind)
        switch kind {
        case "$each":
            let expression = try list(value, place)
            if case .pairs(let field) = expression.source, expression.calls.isEmpty {
                return .eachPair(field, try parseBody(try mapping.require("$do"), .pair))
            }
            guard case .list(let field) = expression.source, expression.calls.isEmpty else {
                throw value.error("$each needs a list", help: "such as msg.attachments or msg.parameters")
            }
            return .each(field, try parseBody(try mapping.require("$do"), field.isMailboxes ? .mailbox : .attachment))
        case "$if":
            return .condition(
                try list(value, place), try parseBody(try mapping.require("$then"), place),
                try mapping.read("$else") { value throws(YAMLError) in try parseBody(value, place) })
        case "$pairs":
            return .pairs(try pairs(value, place), prefix: try mapping.string("$prefix", default: ""))
        case "$kv":
            let names = try value.strings()
            guard names.count == 2 else { throw value.error("$kv needs two names", help: "$kv: [Name, Value]") }
            let keys = names.map { BodyNode.Member(name: $0, node: .constant([])).jsonKey }
            return .namedPairs(name: keys[0], value: keys[1], try pairs(try mapping.require("of"), place))
        case "$json": return .jsonText(try parseBody(value, place))
        case "$file":
            return .file(
                content: try fileContent(value, place), name: try template(try mapping.require("name"), place),
                type: try template(try mapping.require("type"), place))
        default: return .merge(try parseMerge(value, place))
        }
    }

    private func parseMerge(_ value: YAMLValue, _ place: ExpressionPlace) throws(YAMLError) -> [BodyNode] {
        var nodes: [BodyNode] = []
        for value in try value.list() {
            let node = try parseBody(value, place)
            switch node {
            case .object, .pairs, .merge, .condition: nodes.append(node)
            default: throw value.error("$merge accepts only objects")
            }
        }
        return nodes
    }

    private func fileContent(_ value: YAMLValue, _ place: ExpressionPlace) throws(YAMLError) -> Template {
        let content = try template(value, place)
        guard content.single?.type == .bytes else {
            throw value.error("$file needs bytes", help: "write ${mime}, or ${it.content} in $each")
        }
        return content
    }

    private func list(_ value: YAMLValue, _ place: ExpressionPlace) throws(YAMLError) -> Expression {
        let text = try value.string()
        do {
            return try ExpressionParser(scope: scope, place: place).listExpression(text)
        } catch {
            throw value.error(error.message, help: error.help)
        }
    }

    private func pairs(_ value: YAMLValue, _ place: ExpressionPlace) throws(YAMLError) -> PairsField {
        guard case .pairs(let field) = try list(value, place).source else {
            throw value.error(
                "a list of name-value pairs is expected", help: "such as msg.data, msg.headers or msg.metadata")
        }
        return field
    }
}
