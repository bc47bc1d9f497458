internal import JSON

/// A part of the JSON Schema of manifests (https://json-schema.org, 2020-12), as far as manifests need it.
indirect enum SchemaNode: Sendable {
    case anything
    case text
    case number
    case flag
    case choice([String])
    /// A text, or a number or a flag that stands for one.
    case scalar
    case list(SchemaNode)
    /// One value, or a list of such values.
    case oneOrMore(SchemaNode)
    /// Names of one's own, each with a value.
    case names(SchemaNode)
    /// A mapping with these keys and no others.
    case object(keys: [String], required: [String], SchemaMembers)
    /// One of several forms.
    case any([SchemaNode])
    /// A mapping whose `type` tells its keys.
    case byType([String: SchemaNode])
    /// A part that is defined once under a name.
    case reference(String)

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writeMembers(to: &writer)
        writer.endObject()
    }

    private func writeMembers(to writer: inout JSONWriter) {
        switch self {
        case .anything: break
        case .text: writer.member("type", "string")
        case .number: writer.member("type", "number")
        case .flag: writer.member("type", "boolean")
        case .choice(let names):
            writer.key("enum")
            writer.value(names)
        case .scalar:
            writer.key("type")
            writer.value(["string", "number", "boolean"])
        case .list(let node):
            writer.member("type", "array")
            writer.key("items")
            node.write(to: &writer)
        case .oneOrMore(let node): SchemaNode.any([node, .list(node)]).writeMembers(to: &writer)
        case .names(let node):
            writer.member("type", "object")
            writer.key("additionalProperties")
            node.write(to: &writer)
        case .object(let keys, let required, let members):
            Self.write(keys, required, members, type: nil, to: &writer)
        case .any(let nodes):
            writer.key("anyOf")
            writer.array { writer in for node in nodes { node.write(to: &writer) } }
        case .byType(let forms):
            writer.key("oneOf")
            writer.array { writer in
                for (type, form) in forms.sorted(by: { $0.key < $1.key }) {
                    guard case .object(let keys, let required, let members) = form else { continue }
                    writer.object { writer in Self.write(keys, required, members, type: type, to: &writer) }
                }
            }
        case .reference(let name): writer.member("$ref", "#/$defs/\(name)")
        }
    }

    private static func write(
        _ keys: [String], _ required: [String], _ members: SchemaMembers, type: String?, to writer: inout JSONWriter
    ) {
        writer.member("type", "object")
        writer.key("properties")
        writer.object { writer in
            for key in keys {
                writer.key(key)
                if key == "type", let type {
                    writer.object { writer in writer.member("const", type) }
                } else {
                    members[key].write(to: &writer)
                }
            }
        }
        if !required.isEmpty {
            writer.key("required")
            writer.value(required)
        }
        writer.member("additionalProperties", false)
    }
}

/// The values of a mapping's keys.
struct SchemaMembers: Sendable, ExpressibleByDictionaryLiteral {
    private let nodes: [String: SchemaNode]

    init(dictionaryLiteral elements: (String, SchemaNode)...) {
        nodes = Dictionary(elements) { _, last in last }
    }

    init(_ nodes: [String: SchemaNode]) { self.nodes = nodes }

    /// A key that is not listed takes a text.
    subscript(key: String) -> SchemaNode { nodes[key] ?? .text }

    /// The listed keys.
    var keys: [String] { nodes.keys.sorted() }
}
