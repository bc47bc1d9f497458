import Foundation
import SobreModel
import SobreRendering
import Testing

@Suite struct OutsideLinkTests {
    private func link(_ path: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
    }

    @Test func `a link out of the templates breaks its template, unless its folder is allowed`() throws {
        let outside = try TemplateFolder([
            "secret.liquid": "secret", "news/template.yaml": "", "news/sms.liquid": "News",
        ])
        let folder = try TemplateFolder([
            "note/template.yaml": "", "other/template.yaml": "", "other/sms.liquid": "Other",
        ])
        try link("\(folder.root)/note/sms.liquid", to: "\(outside.root)/secret.liquid")
        try link("\(folder.root)/news", to: "\(outside.root)/news")
        try link("\(folder.root)/other/fr", to: "\(folder.root)/../")
        let catalogue = try TemplateCatalogue(root: folder.root)
        #expect(catalogue.snapshot.ready.map(\.manifest.name) == [])
        let reports = Dictionary(uniqueKeysWithValues: catalogue.snapshot.broken.map { ($0.name, $0.error.report) })
        #expect(reports.keys.sorted() == ["news", "note", "other"])
        #expect(reports["note"]?.contains("paths.template_links") == true)
        #expect(Letter().render(.sms, with: catalogue).failure?.contains("sms.liquid is a link to") == true)
        let allowing = try TemplateCatalogue(root: folder.root, linked: [outside.root])
        #expect(Letter().render(.sms, with: allowing).sms?.text == "secret")
        #expect(Letter(template: "news").render(.sms, with: allowing).sms?.text == "News")
        #expect(Letter(template: "other").render(.sms, with: allowing).failure != nil)
    }

    @Test func `links within the templates are followed`() throws {
        let folder = try TemplateFolder(["note/template.yaml": "", "_snippets/words.liquid": "Within"])
        try link("\(folder.root)/note/sms.liquid", to: "../_snippets/words.liquid")
        #expect(Letter().render(.sms, with: try TemplateCatalogue(root: folder.root)).sms?.text == "Within")
    }

    @Test func `a link out of the shared snippets is an error of the folder`() throws {
        let folder = try TemplateFolder(["note/template.yaml": "", "note/sms.liquid": "x", "_snippets/a.liquid": "a"])
        try link("\(folder.root)/_snippets/hosts.liquid", to: "/etc/hosts")
        let error = #expect(throws: TemplateError.self) { try TemplateCatalogue(root: folder.root) }
        #expect(error?.summary.contains("_snippets/hosts.liquid is a link to /etc/hosts") == true)
    }
}
