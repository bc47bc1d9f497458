import YAMLDocument

/// The page of the manual that openapi.yaml makes.
struct OpenAPIPage {
    private(set) var text: String

    init(_ file: OpenAPIFile) {
        text = """
            # OpenAPI

            Every operation and schema of the API, made from [openapi.yaml](../../OpenAPIDocument/openapi.yaml); edit that file, and
            `UPDATE_MANUAL=1 swift test --filter OpenAPITests` writes this page. The server answers the file at `/openapi.yaml`.
            [API](API.md) says what the operations mean.


            """
        for tag in file.tags {
            text += "## Operations: \(tag.name)\n\n\(tag.description).\n\n"
            for operation in file.operations where operation.tag == tag.name { write(operation) }
        }
        text += "## Schemas\n\n"
        for name in file.schemaNames {
            if let schema = file.schemas[name] { write(name, schema) }
        }
    }

    private mutating func write(_ operation: OpenAPIFile.Operation) {
        text += "### \(operation.title)\n\n\(operation.summary).\(operation.isOpen ? " *Open*." : "")\n\n"
        if let description = operation.description { text += description + "\n" }
        if !operation.parameters.isEmpty {
            text += "| parameter | in | type | meaning |\n|---|---|---|---|\n"
            for parameter in operation.parameters {
                let name = "`\(parameter.name)`" + (parameter.isRequired ? " (required)" : "")
                text += row(
                    [name, parameter.place, parameter.schema.map(typeText) ?? "", parameter.description])
            }
            text += "\n"
        }
        if !operation.body.isEmpty {
            text += "| body | |\n|---|---|\n"
            for content in operation.body { text += row(["`\(content.media)`", content.schema.map(typeText) ?? ""]) }
            text += "\n"
            if let example = operation.body.lazy.compactMap(\.example).first {
                text += "```json\n\(json(example))\n```\n\n"
            }
        }
        text += "| status | answer | meaning |\n|---|---|---|\n"
        for response in operation.responses {
            let answers = response.contents.map { content in
                let schema = content.schema.map(typeText) ?? ""
                return schema.isEmpty || schema == "text" ? "`\(content.media)`" : schema
            }
            text += row([response.status, answers.joined(separator: "; "), response.description])
        }
        text += "\n"
        for response in operation.responses where response.status.hasPrefix("2") {
            guard let example = response.contents.lazy.compactMap(\.example).first else { continue }
            text += "```json\n\(json(example))\n```\n\n"
            break
        }
    }

    private mutating func write(_ name: String, _ schema: YAMLMapping) {
        text += "### \(name)\n\n"
        guard let properties = try? schema["properties"]?.mapping() else {
            let description = try? schema.string(ifPresent: "description")
            text += typeText(schema.value) + (description.map { ". \($0)" } ?? "") + ".\n\n"
            return
        }
        if let description = try? schema.string(ifPresent: "description") { text += description + ".\n\n" }
        let required = Set((try? schema["required"]?.strings()) ?? [])
        text += "| member | type | meaning |\n|---|---|---|\n"
        for entry in properties.entries {
            let member = try? entry.value.mapping()
            text += row([
                "`\(entry.key)`" + (required.contains(entry.key) ? " (required)" : ""), typeText(entry.value),
                (try? member?.string(ifPresent: "description")) ?? "",
            ])
        }
        text += "\n"
    }

    private func row(_ cells: [String]) -> String {
        "| " + cells.map { $0.replacing("|", with: "\\|").replacing("\n", with: " ") }.joined(separator: " | ") + " |\n"
    }

    // MARK: Types

    private func typeText(_ value: YAMLValue) -> String {
        guard let schema = try? value.mapping() else { return "" }
        if let reference = try? schema.string(ifPresent: "$ref") {
            let name = String(reference.split(separator: "/").last ?? "")
            return "[\(name)](#\(name.lowercased()))"
        }
        for key in ["oneOf", "anyOf"] where schema["type"] == nil {
            if let parts = try? schema[key]?.list() { return parts.map(typeText).joined(separator: ", or ") }
        }
        if let constant = schema["const"] { return "`\(json(constant))`" }
        if let values = try? schema["enum"]?.list() { return values.map { "`\(plain($0))`" }.joined(separator: ", ") }
        let names = (try? schema["type"]?.strings()) ?? []
        return names.map { typeText($0, schema) }.joined(separator: " or ")
    }

    private func typeText(_ name: String, _ schema: YAMLMapping) -> String {
        switch name {
        case "array":
            let limit = (try? schema.int(ifPresent: "maxItems")).map { " of at most \($0)" } ?? ""
            return "list\(limit)" + (schema["items"].map { ": " + typeText($0) } ?? "")
        case "object":
            guard let properties = try? schema["properties"]?.mapping() else { return "object" }
            let members = properties.entries.map { entry in
                let inner = typeText(entry.value)
                return inner.isEmpty ? "`\(entry.key)`" : "`\(entry.key)`: \(inner)"
            }
            return "{" + members.joined(separator: "; ") + "}"
        case "string":
            if (try? schema.string(ifPresent: "format")) == "date-time" { return "instant" }
            let limit = (try? schema.int(ifPresent: "maxLength")).map { ", \($0)" } ?? ""
            return "text\(limit)"
        case "integer":
            guard let least = try? schema.int(ifPresent: "minimum"), let most = try? schema.int(ifPresent: "maximum"),
                most < 1 << 53
            else { return "number" }
            return "\(least) to \(most)"
        case "number": return "number"
        case "boolean": return "boolean"
        case "null": return "`null`"
        default: return name
        }
    }

    private func plain(_ value: YAMLValue) -> String {
        if case .string(let text) = value.scalar { text } else { json(value) }
    }

    /// A value as JSON on few lines.
    private func json(_ value: YAMLValue) -> String {
        switch value.content {
        case .sequence(let elements): return "[" + elements.map(json).joined(separator: ", ") + "]"
        case .mapping(let entries):
            return "{" + entries.map { "\"\($0.key)\": \(json($0.value))" }.joined(separator: ", ") + "}"
        case .scalar(let text, _):
            switch value.scalar {
            case .null: return "null"
            case .bool(let flag): return "\(flag)"
            case .int, .double: return text
            default:
                return "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
            }
        }
    }
}
