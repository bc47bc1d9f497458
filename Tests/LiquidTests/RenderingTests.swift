import Liquid
import Testing

@Suite struct RenderingTests {
    @Test func `plain text comes out as it went in`() throws {
        #expect(try rendered("Hello, world") == "Hello, world")
    }

    @Test(arguments: [
        ("{{ name }}", "Maria"), ("{{ name | upcase | append: '!' }}", "MARIA!"),
        ("{% if age >= 18 %}adult{% else %}minor{% endif %}", "adult"),
        ("{% for item in items %}{{ forloop.index }}{{ item }}{% unless forloop.last %},{% endunless %}{% endfor %}", "1a,2b,3c"),
        ("{% assign x = 1 | plus: 2 %}{{ x }}", "3"), ("{% capture y %}<{{ name }}>{% endcapture %}{{ y }}", "<Maria>"),
        ("{{ 0.1 | plus: 0.2 }}", "0.3"), ("{{ items | join: '-' }}", "a-b-c"), ("{{ items.size }}", "3"),
        ("{{ missing | default: 'x' }}", "x"), ("a {%- if true -%} b {%- endif -%} c", "abc"),
        ("{% case age %}{% when 1 %}one{% when 36 %}match{% else %}other{% endcase %}", "match"),
        ("{{ '2024-03-15T14:30:00Z' | date: '%B %e, %Y at %l:%M %p' }}", "March 15, 2024 at  2:30 PM"),
        ("{% render 'greet', name: 'Ana' %}", "Hi Ana"), ("{% include 'greet' %}", "Hi Maria"),
    ])
    func `everyday templates`(template: String, expected: String) throws {
        #expect(try rendered(template) == expected)
    }

    private func rendered(_ source: String) throws -> String {
        let template = try Template.parse(
            source: source, catalogue: MemoryCatalogue(["greet": "Hi {{ name }}"]))
        let data = TemplateData()
        try data.add(json: Array(#"{"name":"Maria","age":36,"items":["a","b","c"]}"#.utf8))
        let renderer = Renderer()
        _ = try renderer.render(template, data: data, options: RenderOptions(nowMilliseconds: 0))
        return String(decoding: renderer.text, as: UTF8.self)
    }
}
