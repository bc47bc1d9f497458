import SobreModel
import SobreRendering
import Testing

@Suite struct CatalogueTests {
    @Test func `a broken template does not affect the others, and its error has a position`() throws {
        let folder = try TemplateFolder([
            "good/template.yaml": "category: marketing\n", "good/sms.liquid": "Hello",
            "bad/template.yaml": "category: marketing\n", "bad/sms.liquid": "Hello {{ name | upcase",
            "odd/template.yaml": "chanels: [sms]\n", "odd/sms.liquid": "Hello",
        ])
        let catalogue = try TemplateCatalogue(root: folder.root)
        #expect(catalogue.snapshot.ready.map(\.manifest.name) == ["good"])
        let broken = Dictionary(uniqueKeysWithValues: catalogue.snapshot.broken.map { ($0.name, $0.error) })
        #expect(broken["bad"]?.summary.contains("bad/sms.liquid:1") == true)
        #expect(broken["odd"]?.report.contains("did you mean \"channels\"?") == true)
        let failure = Letter(template: "bad").render(.sms, with: catalogue).failure
        #expect(failure?.contains("bad/sms.liquid:1") == true)
        #expect(Letter(template: "good").render(.sms, with: catalogue).sms?.text == "Hello")
    }

    @Test func `files are reloaded only after a change, and fixing a template is enough`() throws {
        let folder = try TemplateFolder(["note/template.yaml": "", "note/sms.liquid": "One {{"])
        let catalogue = try TemplateCatalogue(root: folder.root)
        #expect(try catalogue.reload() == false)
        #expect(Letter().render(.sms, with: catalogue).failure != nil)
        try folder.write("note/sms.liquid", "Mended, two")
        #expect(try catalogue.reload() == true)
        #expect(Letter().render(.sms, with: catalogue).sms?.text == "Mended, two")
        try folder.remove("note/sms.liquid")
        #expect(try catalogue.reload() == true)
        #expect(Letter().render(.sms, with: catalogue).failure?.contains("no content") == true)
    }

    @Test func `the version changes exactly when a source changes, including snippets and layouts`() throws {
        let folder = try TemplateFolder([
            "note/template.yaml": "layout: base\nfrom: a@b.example\n", "note/email.subject.liquid": "S",
            "note/email.html.liquid": "{% render 'sign' %}", "other/template.yaml": "", "other/sms.liquid": "x",
            "_snippets/sign.liquid": "Bye", "_layouts/base.liquid": "<p>{% include 'content' %}</p>",
        ])
        let catalogue = try TemplateCatalogue(root: folder.root)
        func version(_ name: String) -> String? {
            if case .ready(let template) = catalogue.snapshot[name] { template.version } else { nil }
        }
        let first = try #require(version("note"))
        let other = try #require(version("other"))
        try folder.write("note/samples/a.json", "{}")
        try catalogue.reload()
        #expect(version("note") == first)
        try folder.write("_snippets/sign.liquid", "Goodbye")
        try catalogue.reload()
        let second = try #require(version("note"))
        #expect(second != first)
        #expect(version("other") == other)
        try folder.write("_layouts/base.liquid", "<div>{% include 'content' %}</div>")
        try catalogue.reload()
        #expect(version("note") != second)
    }

    @Test(arguments: [
        ("sms.liquid.bak.liquid", "is not a known template file"),
        ("emial.html.liquid", "Did you mean email.html.liquid?"),
        ("email.html.liquid", "only a part of an email"), ("push.liquid", "a line --- must separate"),
    ])
    func `a misnamed file breaks its template with a hint`(name: String, help: String) throws {
        let folder = try TemplateFolder(["note/template.yaml": "", "note/\(name)": "words"])
        let broken = try TemplateCatalogue(root: folder.root).snapshot.broken
        #expect(broken.first?.error.report.contains(help) == true)
    }

    @Test func `a channel without parts, a name other than the folder's, and a missing layout are errors`() throws {
        let folder = try TemplateFolder([
            "a/template.yaml": "channels: [email]\n", "a/sms.liquid": "x",
            "b/template.yaml": "name: c\n", "b/sms.liquid": "x",
            "d/template.yaml": "layout: bas\n", "d/email.subject.liquid": "x", "d/email.html.liquid": "x",
            "_layouts/base.liquid": "{% include 'content' %}",
        ])
        let reports = try TemplateCatalogue(root: folder.root).snapshot.broken.map(\.error.report)
        #expect(reports.count == 3)
        #expect(reports[0].contains("this folder has no content for it"))
        #expect(reports[1].contains("b/template.yaml:1:7"))
        #expect(reports[2].contains("Use one of base."))
    }

    @Test func `a missing folder is an error that says what to set`() {
        let error = #expect(throws: TemplateError.self) { try TemplateCatalogue(root: "/nowhere/at/all") }
        #expect(error?.summary.contains("Set paths.templates") == true)
    }
}
