import Liquid
import Testing

@Suite struct ErrorTests {
    @Test func `an error shows its position, its line and a caret`() throws {
        let error = try #require(failure("line one\n  {{ name | upcas }}"))
        #expect(error.kind == .syntax)
        #expect(error.line == 2)
        #expect(error.column == 13)
        #expect(error.hint == "Did you mean 'upcase'?")
        #expect(
            error.description == """
                test:2:13: Unknown filter 'upcas'.
                    {{ name | upcas }}
                              ^
                Did you mean 'upcase'?
                """)
    }

    @Test(arguments: [
        ("{% if x %}", "'if' is never closed. Add {% endif %}."),
        ("{% for x in y %}{% endif %}", "'endif' does not close 'for'. Use {% endfor %}."),
        ("{% fro x in y %}", "Unknown tag 'fro'."), ("{{ x", "This output is not closed. Add '}}'."),
        ("{{ x | }}", "Expected a filter's name but found the end of the tag."),
        ("{{ 'x }}", "Expected a value but found a string that is never closed."),
        ("{% endif %}", "'endif' has no block to belong to."),
    ])
    func `messages say what is wrong`(source: String, message: String) {
        #expect(failure(source)?.message == message)
    }

    @Test func `a failing render names the snippet and the line`() throws {
        let error = try #require(failure("{% render 's' %}", snippets: ["s": "a\n{{ 1 | divided_by: 0 }}"]))
        #expect(error.kind == .zeroDivision)
        #expect(error.templateName == "s")
        #expect(error.line == 2)
    }

    @Test func `missing and broken snippets are listed when the template is parsed`() throws {
        let template = try Template.parse(
            source: "{% render 'fotter' %}{% render 'bad' %}",
            catalogue: MemoryCatalogue(["footer": "x", "bad": "{% if %}"]))
        #expect(Set(template.problems.map(\.kind)) == [.missingSnippet, .syntax])
        #expect(template.problems.contains { $0.hint == "Did you mean 'footer'?" })
    }

    @Test func `undefined values are reported with path and position, or rejected`() throws {
        let template = try Template.parse(
            source: "{{ a.b }} {{ c | upcase }} {{ d | default: 'x' }} {% if e %}{% endif %}{{ f }}\n{{ a.b }}{{ g }}")
        let data = TemplateData()
        try data.add(json: Array(#"{"a":{},"f":"","g":null}"#.utf8))
        let renderer = Renderer()
        _ = try renderer.render(template, data: data, options: .fixed)
        #expect(renderer.undefined.map(\.path) == ["a.b", "c", "g"])
        #expect(renderer.undefined.last?.line == 2)
        var options = RenderOptions.fixed
        options.undefined = .error
        #expect(failure("{{ a.b }}", options: options)?.kind == .undefinedVariable)
    }

    @Test func `what a template uses is known without rendering it`() throws {
        let template = try Template.parse(
            source:
                "{% assign n = customer.first_name %}{{ n }}{{ order.id | default: '-' }}{% if plan == 'x' %}{% endif %}"
        )
        #expect(template.variablePaths == ["customer.first_name", "order.id", "plan"])
        #expect(template.variableUses.first { $0.path == "order.id" }?.hasDefault == true)
        #expect(template.filtersUsed == ["default"])
        #expect(template.tagsUsed == ["assign", "if"])
    }
}
