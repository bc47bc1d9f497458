import Foundation
import JSON
import Testing
import YAMLDocument

@testable import SobreProviders

@Suite("The JSON Schema of manifests")
struct ManifestSchemaTests {
    /// The files of shipped manifests.
    private static let files = try! FileManager.default.contentsOfDirectory(
        atPath: sourceRoot.appending(path: "Providers").path
    ).filter { $0.hasSuffix(".yaml") }.sorted()

    private static func text(_ name: String) throws -> String {
        try String(contentsOf: sourceRoot.appending(path: "Providers/\(name)"), encoding: .utf8)
    }

    @Test func `the published schema is the parser's`() throws {
        #expect(
            try Self.text("manifest.schema.json") == ManifestSchema.text,
            "run: sobre providers schema > Providers/manifest.schema.json")
        #expect(throws: Never.self) { try JSONDocument.parse(ManifestSchema.text) }
    }

    @Test(arguments: files)
    func `the schema accepts a shipped manifest, and no other keys`(file: String) throws {
        for document in try YAMLDocument.parseAll(text: Self.text(file), file: file) {
            let problems = Self.problems(document.root, ManifestSchema.root, path: "")
            #expect(problems.isEmpty, "\(file): \(problems.joined(separator: "; "))")
        }
    }

    @Test func `every key with a value of its own is a key of the parser`() {
        var checked = 0
        func check(_ node: SchemaNode) {
            switch node {
            case .object(let keys, let required, let members):
                checked += 1
                #expect(Set(required).isSubset(of: keys))
                // The forms of auth and verify share one table of values.
                for key in keys { check(members[key]) }
            case .list(let node), .names(let node), .oneOrMore(let node): check(node)
            case .any(let nodes): nodes.forEach(check)
            case .byType(let forms): forms.values.forEach(check)
            default: break
            }
        }
        check(ManifestSchema.root)
        ManifestSchema.definitions.values.forEach(check)
        #expect(checked > 40)
        guard case .object(let keys, _, let members) = ManifestSchema.root else { return }
        #expect(Set(members.keys).isSubset(of: keys))
    }

    @Test(arguments: [
        ("endpoint: https", "endpont: https"), ("type: basic", "type: basik"),
        ("outcome: accepted", "outcome: acepted"),
        ("channel: sms", "channel: smss"), ("decode: form", "decode: forms"), ("  rules:", "  ruls:"),
    ])
    func `the schema refuses a typo`(good: String, bad: String) throws {
        let text = try Self.text("twilio.yaml")
        #expect(text.contains(good))
        let root = try YAMLDocument.parse(text: text.replacing(good, with: bad, maxReplacements: 1), file: "t.yaml")
            .root
        #expect(!Self.problems(root, ManifestSchema.root, path: "").isEmpty)
    }

    /// What a schema does not allow.
    private static func problems(_ value: YAMLValue, _ node: SchemaNode, path: String) -> [String] {
        func wrong(_ wanted: String) -> [String] { ["\(path) is not \(wanted)"] }
        switch (node, value.content) {
        case (.anything, _): return []
        case (.text, .scalar): if case .string? = value.scalar { return [] } else { return wrong("a text") }
        case (.number, .scalar):
            switch value.scalar {
            case .int?, .double?: return []
            default: return wrong("a number")
            }
        case (.flag, .scalar): if case .bool? = value.scalar { return [] } else { return wrong("true or false") }
        case (.scalar, .scalar): return value.isNull ? wrong("a value") : []
        case (.choice(let names), .scalar(let text, _)): return names.contains(text) ? [] : wrong("one of \(names)")
        case (.list(let node), .sequence(let elements)):
            return elements.enumerated().flatMap { problems($1, node, path: "\(path)[\($0)]") }
        case (.names(let node), .mapping(let entries)):
            return entries.flatMap { problems($0.value, node, path: "\(path).\($0.key)") }
        case (.oneOrMore(let node), _): return problems(value, .any([node, .list(node)]), path: path)
        case (.any(let nodes), _):
            let all = nodes.map { problems(value, $0, path: path) }
            return all.contains(where: \.isEmpty) ? [] : all.first ?? []
        case (.reference(let name), _):
            return ManifestSchema.definitions[name].map { problems(value, $0, path: path) } ?? wrong("defined")
        case (.byType(let forms), .mapping(let entries)):
            guard let type = entries.first(where: { $0.key == "type" }), case .scalar(let name, _) = type.value.content,
                let form = forms[name]
            else { return wrong("of a known type") }
            return problems(value, form, path: path)
        case (.object(let keys, let required, let members), .mapping(let entries)):
            let found = Set(entries.map(\.key))
            return required.filter { !found.contains($0) }.map { "\(path) lacks \($0)" }
                + entries.flatMap { entry in
                    keys.contains(entry.key)
                        ? problems(entry.value, members[entry.key], path: "\(path).\(entry.key)")
                        : ["\(path).\(entry.key) is unknown"]
                }
        default: return wrong("of the right form")
        }
    }
}
