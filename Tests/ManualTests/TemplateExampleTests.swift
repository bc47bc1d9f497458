import Foundation
import JSON
import SobreModel
import Testing

@testable import Liquid
@testable import SobreRendering

/// Runs every example of the template reference through the production renderer.
@Suite struct TemplateExampleTests {
    @Test func `no template of the page is broken`() throws {
        let examples = try TemplateExamples()
        #expect(examples.catalogue.snapshot.broken.map(\.error.report) == [])
    }

    @Test func `every example renders what the page says`() throws {
        let examples = try TemplateExamples()
        #expect(examples.examples.count > 100)
        for example in examples.examples {
            let (kind, text) = Self.outcome(examples.render(example), example.medium)
            if example.kind == "error" {
                #expect(kind == "error", "\(TemplateExamples.page):\(example.line) renders \(text)")
                #expect(text.contains(example.expected), "\(TemplateExamples.page):\(example.line)")
            } else {
                #expect(text == example.expected, "\(TemplateExamples.page):\(example.line)")
                #expect((kind == "aborted") == (example.kind == "aborted"), "\(TemplateExamples.page):\(example.line)")
            }
        }
    }

    @Test func `every template of several files renders what the page says`() throws {
        let examples = try TemplateExamples()
        #expect(examples.renderings.count >= 7)
        for rendering in examples.renderings {
            let place = Comment("\(TemplateExamples.page):\(rendering.line)")
            let result = try examples.render(rendering)
            if rendering.part == "push" {
                #expect(try Self.push(result) == Self.members(rendering.expected), place)
            } else if rendering.part == "whatsapp" {
                #expect(try Self.whatsapp(result) == Self.members(rendering.expected), place)
            } else {
                #expect(Self.part(result, rendering.part) == rendering.expected, place)
            }
        }
    }

    @Test func `every filter and tag that the language knows has an example`() throws {
        let examples = try TemplateExamples()
        var filters: Set<String> = []
        var tags: Set<String> = []
        for source in examples.sources {
            for match in source.matches(of: /\{%-?\s*(\w+|#)/) { tags.insert(String(match.output.1)) }
            for match in source.matches(of: /(?m)^\s*(\w+)/) { tags.insert(String(match.output.1)) }
            for match in source.matches(of: /\|\s*(\w+)/) { filters.insert(String(match.output.1)) }
        }
        #expect(Set(Filter.allNames + ["h"]).subtracting(filters) == [])
        #expect(Set(Compiler.tagNames + ["#"]).subtracting(tags) == [])
    }

    @Test func `every language is named`() throws {
        let spans = ManualPage.codeSpans(try ManualPage(TemplateExamples.page).section("Languages"))
        #expect(Set(LanguageTables.all.keys).subtracting(spans) == [])
    }

    @Test func `the example of template.yaml has every key`() throws {
        let manifest = try TemplateExamples().manifest
        let keys = Set(manifest.matches(of: /(?m)^(\w+):/).map { String($0.output.1) })
        #expect(Set(TemplateManifest.keys) == keys)
    }

    private static func outcome(_ result: RenderResult, _ medium: String) -> (kind: String, text: String) {
        switch result {
        case .failed(let reason, _): return ("error", reason)
        case .aborted(let reason, _): return ("aborted", reason)
        case .rendered:
            return ("text", part(result, medium.isEmpty ? "sms" : "email.\(medium)") ?? "")
        }
    }

    /// A part as the page shows it, without its trailing line end.
    private static func part(_ result: RenderResult, _ name: String) -> String? {
        guard case .rendered(let content, _, _) = result else {
            if case .failed(let reason, _) = result { return reason }
            return nil
        }
        let text: String? =
            switch (content, name) {
            case (.sms(let sms), _): sms.text
            case (.chat(let post), _): post.text
            case (.email(let email), "email.subject"): email.subject
            case (.email(let email), "email.html"): email.html
            case (.email(let email), _): email.text
            default: nil
            }
        return text.map { $0.hasSuffix("\n") ? String($0.dropLast()) : $0 }
    }

    private static func push(_ result: RenderResult) throws -> [String: String] {
        guard case .rendered(.push(let content), _, _) = result else { return [:] }
        var members = ["title": content.title, "body": content.body]
        members["link"] = content.link
        members["image"] = content.image
        members["collapse"] = content.collapseKey
        for pair in content.data { members["data.\(pair.key)"] = pair.value }
        return members
    }

    private static func whatsapp(_ result: RenderResult) throws -> [String: String] {
        guard case .rendered(.whatsapp(let content), _, _) = result else { return [:] }
        var members: [String: String] = [:]
        members["text"] = content.text
        members["template_name"] = content.template?.name
        members["template_language"] = content.template?.language
        for item in content.template?.parameters ?? [] { members["parameters.\(item.name)"] = item.value }
        return members
    }

    private static func members(_ json: String) throws -> [String: String] {
        var members: [String: String] = [:]
        for (key, value) in try JSONDocument.parse(Array(json.utf8)).root.members {
            let name = key.string ?? ""
            members[name] = value.string
            for (key, value) in value.members { members["\(name).\(key.string ?? "")"] = value.string }
        }
        return members
    }
}
