import Liquid
import Testing

@Suite struct AnalysisTests {
    private func traced(_ template: Template, _ json: String) throws -> (Renderer, RenderTrace) {
        var options = RenderOptions.fixed
        options.isTraced = true
        let data = TemplateData()
        try data.add(json: Array(json.utf8))
        let renderer = Renderer()
        _ = try renderer.render(template, data: data, options: options)
        return (renderer, try #require(renderer.trace))
    }

    @Test func `the origin of every byte of the text is known`() throws {
        let template = try Template.parse(
            source: "Hi {{ name | upcase }},\n{% render 's', x: name %}", name: "t",
            catalogue: MemoryCatalogue(["s": "<{{ x }}>"]))
        let (renderer, trace) = try traced(template, #"{"name":"Ana"}"#)
        #expect(String(decoding: renderer.text, as: UTF8.self) == "Hi ANA,\n<Ana>")
        #expect(trace.spans.map(\.range) == [0..<3, 3..<6, 6..<8, 8..<9, 9..<12, 12..<13])
        #expect(trace.origin(ofByteAt: 4)?.path == "name")
        #expect(trace.origin(ofByteAt: 10)?.path == "x")
        #expect(trace.origin(ofByteAt: 10)?.templateName == "s")
        #expect(trace.origin(ofByteAt: 0)?.path == nil)
        #expect(trace.origin(ofByteAt: 99) == nil)
    }

    @Test func `an untraced render has no trace`() throws {
        let renderer = Renderer()
        _ = try renderer.render(try Template.parse(source: "x"), data: TemplateData(), options: .fixed)
        #expect(renderer.trace == nil)
    }

    @Test func `branches that no render entered are found`() throws {
        let template = try Template.parse(
            source: """
                {% if plan == 'gold' and age > 17 %}g{% elsif plan == 'tin' or vip %}t{% else %}o{% endif %}
                {% for i in items %}{{ i }}{% endfor %}{% case age %}{% when 1, 2 %}a{% when 3 %}b{% endcase %}
                """)
        var coverage = BranchCoverage(template)
        for json in [#"{"plan":"gold","age":10}"#, #"{"plan":"x","vip":true,"age":2}"#] {
            coverage.add(try traced(template, json).1)
        }
        #expect(coverage.renderCount == 2)
        #expect(
            coverage.unreached.map(\.tag) == [
                "{% if plan == 'gold' and age > 17 %}", "{% for i in items %}", "{% when 3 %}",
            ])
        coverage.add(try traced(template, #"{"plan":"gold","age":18,"items":[1]}"#).1)
        coverage.add(try traced(template, #"{"age":3}"#).1)
        #expect(coverage.unreached.isEmpty)
        #expect(coverage.branches.allSatisfy { $0.wasSkipped })
    }

    @Test(arguments: [
        (
            "{% if false %}a{% endif %}{% unless true %}b{% endunless %}{% if true %}c{% endif %}",
            ["{% if false %}", "{% unless true %}"]
        ),
        (
            "{% if true %}a{% elsif x %}b{% elsif y %}c{% endif %}{% if z %}{% endif %}",
            ["{% elsif x %}", "{% elsif y %}"]
        ),
        (
            "{% if 1 == 2 %}a{% endif %}{% if 'a' contains 'b' %}b{% endif %}{% if 2 >= 2 %}c{% endif %}",
            ["{% if 1 == 2 %}", "{% if 'a' contains 'b' %}"]
        ),
        ("{% if false or x %}a{% endif %}{% if x and false %}b{% endif %}", ["{% if x and false %}"]),
        ("{% for i in a %}{% break %}{% if i %}x{% endif %}{% endfor %}{% if x %}{% endif %}", ["{% if i %}"]),
        ("{% abort 'no' %}{% if x %}a{% endif %}", ["{% if x %}"]),
        ("{% if x %}{% if y %}{% endif %}{% else %}{% for i in x %}{% endfor %}{% endif %}", []),
        ("{% case x %}{% when 1 %}a{% when 2, 3 %}b{% endcase %}", []),
    ])
    func `branches that no data can reach are found without rendering`(source: String, tags: [String]) throws {
        #expect(try Template.parse(source: source).unreachableBranches.map(\.tag) == tags)
    }

    @Test func `a template lists its variables, filters, tags and snippets, and which reads have a default`() throws {
        let template = try Template.parse(
            source:
                "{% assign a = b.c | upcase %}{{ a }}{{ d | default: e }}\n{% render 's', f: g %}{% if h %}{% endif %}",
            name: "t", catalogue: MemoryCatalogue(["s": "{{ f | size }}"]))
        #expect(template.variablePaths == ["b.c", "d", "e", "g", "h"])
        #expect(template.filtersUsed == ["default", "size", "upcase"])
        #expect(template.tagsUsed == ["assign", "if", "render"])
        #expect(template.snippetsUsed == ["s"])
        #expect(template.variableUses.filter(\.hasDefault).map(\.path) == ["d"])
        #expect(template.variableUses.filter(\.isOutput).map(\.path) == ["a", "d", "f"])
        #expect(template.variableUses.filter(\.isLocal).map(\.path) == ["a", "f"])
        let inSnippet = try #require(template.variableUses.first { $0.templateName == "s" })
        #expect((inSnippet.line, inSnippet.column) == (1, 4))
    }
}
