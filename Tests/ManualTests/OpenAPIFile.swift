import Foundation
import YAMLDocument

/// openapi.yaml, read as far as the tests need.
struct OpenAPIFile {
    struct Parameter {
        var name: String
        var place: String
        var isRequired: Bool
        var description: String
        var schema: YAMLValue?
    }

    struct Response {
        var status: String
        var description: String
        var headers: [String]
        /// Media types with their schemas and first examples.
        var contents: [Content]
    }

    struct Content {
        var media: String
        var schema: YAMLValue?
        var example: YAMLValue?
    }

    struct Operation {
        var method: String
        var path: String
        var tag: String
        var summary: String
        var description: String?
        /// Whether it needs no key.
        var isOpen: Bool
        var parameters: [Parameter]
        var body: [Content]
        var responses: [Response]
        var title: String { "\(method) \(path)" }
    }

    static let path = "\(ManualPage.root)/Sources/OpenAPIDocument/openapi.yaml"
    private static let methods = ["get", "head", "post", "put", "patch", "delete"]

    let text: String
    let root: YAMLMapping
    private let components: YAMLMapping
    private(set) var operations: [Operation] = []
    private(set) var tags: [(name: String, description: String)] = []
    /// The schemas in their order.
    let schemaNames: [String]
    let schemas: [String: YAMLMapping]

    init() throws {
        text = try String(contentsOfFile: Self.path, encoding: .utf8)
        root = try YAMLDocument.parse(text: text, file: "openapi.yaml").root.mapping()
        components = try root.require("components").mapping()
        let schemas = try components.require("schemas").mapping()
        schemaNames = schemas.keys
        self.schemas = try Dictionary(uniqueKeysWithValues: schemas.entries.map { ($0.key, try $0.value.mapping()) })
        tags = try root.require("tags").list().map {
            (try $0.mapping().string("name"), try $0.mapping().string("description"))
        }
        for path in try root.require("paths").mapping().entries {
            let item = try path.value.mapping()
            let shared = try item["parameters"]?.list() ?? []
            for entry in item.entries where Self.methods.contains(entry.key) {
                operations.append(try operation(entry.key.uppercased(), path.key, entry.value.mapping(), shared))
            }
        }
    }

    private func operation(
        _ method: String, _ path: String, _ operation: YAMLMapping, _ shared: [YAMLValue]
    ) throws -> Operation {
        let security = try operation["security"]?.list()
        return try Operation(
            method: method, path: path, tag: operation.require("tags").strings()[0],
            summary: operation.string("summary"), description: operation.string(ifPresent: "description"),
            isOpen: security.map { list in try list.isEmpty || list.contains { try $0.mapping().entries.isEmpty } }
                ?? false,
            parameters: (shared + (operation["parameters"]?.list() ?? [])).map(parameter),
            body: operation["requestBody"].map { try contents($0.mapping()) } ?? [],
            responses: operation.require("responses").mapping().entries.map { try response($0.key, $0.value) })
    }

    private func parameter(_ value: YAMLValue) throws -> Parameter {
        let parameter = try resolved(value)
        return Parameter(
            name: try parameter.string("name"), place: try parameter.string("in"),
            isRequired: try parameter.bool("required", default: false),
            description: try parameter.string("description", default: ""), schema: parameter["schema"])
    }

    private func response(_ status: String, _ value: YAMLValue) throws -> Response {
        let response = try resolved(value)
        return Response(
            status: status, description: try response.string("description"),
            headers: try response["headers"]?.mapping().keys ?? [], contents: try contents(response))
    }

    private func contents(_ owner: YAMLMapping) throws -> [Content] {
        try owner["content"]?.mapping().entries.map { entry in
            let content = try entry.value.mapping()
            let first = try content["examples"]?.mapping().entries.first?.value.mapping()["value"]
            return Content(media: entry.key, schema: content["schema"], example: content["example"] ?? first)
        } ?? []
    }

    /// What a `$ref` refers to, or the value itself.
    private func resolved(_ value: YAMLValue) throws -> YAMLMapping {
        let mapping = try value.mapping()
        guard let reference = try mapping.string(ifPresent: "$ref") else { return mapping }
        let parts = reference.split(separator: "/").map(String.init)
        return try components.require(parts[2]).mapping().require(parts[3]).mapping()
    }
}
