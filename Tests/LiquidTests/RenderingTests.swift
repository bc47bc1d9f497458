import Liquid
import Testing

@Suite struct RenderingTests {
    static let data = #"{"name":"Maria","age":36,"items":["a","b","c"]}"#

    @Test func `uniq keeps the first of equal values of every kind`() throws {
        let data = """
            {"list":[1,1.0,1,"1","",null,"",[1,2],[1.0,2],{"a":1,"b":[true]},{"b":[true],"a":1},{"a":1,"b":[false]},true,
            false,true,null,12345678901234567890123,12345678901234567890123,-0.0,0.0,"1"]}
            """
        #expect(try rendered("{{ list | uniq | size }}", data) == "12")
        let rows = (0..<500).map { #"{"k":"x\#($0 % 200)","n":\#($0)}"# }.joined(separator: ",")
        #expect(try rendered("{{ rows | uniq: 'k' | map: 'n' | last }}", #"{"rows":[\#(rows)]}"#) == "199")
    }

    @Test func `plain text is unchanged`() throws {
        #expect(try rendered("Hello, world") == "Hello, world")
    }

    @Test(arguments: [
        ("{{ name }}", "Maria"), ("{{ name | upcase | append: '!' }}", "MARIA!"),
        ("{% if age >= 18 %}adult{% else %}minor{% endif %}", "adult"),
        (
            "{% for x in items %}{{ forloop.index }}{{ x }}{% unless forloop.last %},{% endunless %}{% endfor %}",
            "1a,2b,3c"
        ),
        ("{% assign x = 1 | plus: 2 %}{{ x }}", "3"),
        ("{% capture y %}<{{ name }}>{% endcapture %}{{ y }}", "<Maria>"),
        ("{{ 0.1 | plus: 0.2 }}", "0.3"), ("{{ items | join: '-' }}", "a-b-c"), ("{{ items.size }}", "3"),
        ("{{ missing | default: 'x' }}", "x"), ("a {%- if true -%} b {%- endif -%} c", "abc"),
        ("{% case age %}{% when 1 %}one{% when 36 %}match{% else %}other{% endcase %}", "match"),
        ("{{ '2024-03-15T14:30:00Z' | date: '%B %e, %Y at %l:%M %p' }}", "March 15, 2024 at  2:30 PM"),
        ("{% render 'greet', name: 'Ana' %}", "Hi Ana"), ("{% include 'greet' %}", "Hi Maria"),
        ("{{ 'übergröße' | upcase }}", "ÜBERGRÖSSE"), ("{{ 'naïve' | slice: 2, 2 }}", "ïv"),
        ("{{ 'héllo wörld' | truncate: 8 }}", "héllo..."), ("{{ '日本語' | size }}", "3"),
        ("{{ 9223372036854775807 | plus: 1 }}", "9223372036854775808"),
        ("{% for i in (1..3) reversed %}{{ i }}{% endfor %}", "321"),
        (
            "{% for i in (1..9) %}{% if i == 3 %}{% continue %}{% endif %}{% if i > 4 %}{% break %}{% endif %}{{ i }}{% endfor %}",
            "124"
        ),
    ])
    func `common language features`(template: String, expected: String) throws {
        #expect(try rendered(template, Self.data, snippets: ["greet": "Hi {{ name }}"]) == expected)
    }

    @Test func `one renderer renders many templates one after the other`() throws {
        let renderer = Renderer()
        let data = TemplateData()
        try data.add(json: Array(Self.data.utf8))
        for (source, expected) in [("{{ name }}", "Maria"), ("{{ age }}", "36"), ("{{ name }}{{ age }}", "Maria36")] {
            _ = try renderer.render(try Template.parse(source: source), data: data, options: .fixed)
            #expect(renderer.withText { String(decoding: $0, as: UTF8.self) } == expected)
        }
    }

    @Test func `the first data with a name wins, and a name can refer to a whole object`() throws {
        let data = TemplateData()
        data.set("unsubscribe_url", to: "https://u.example/1")
        try data.add(json: Array(#"{"first_name":"Ana"}"#.utf8), as: "customer")
        try data.add(json: Array(#"{"plan":"gold"}"#.utf8))
        try data.add(json: Array(#"{"plan":"tin","city":"Porto"}"#.utf8))
        let renderer = Renderer()
        let template = try Template.parse(source: "{{customer.first_name}} {{plan}} {{city}} {{unsubscribe_url}}")
        _ = try renderer.render(template, data: data, options: .fixed)
        #expect(String(decoding: renderer.text, as: UTF8.self) == "Ana gold Porto https://u.example/1")
    }

    @Test func `a snippet's name is found without regard to case and with or without .liquid`() throws {
        let snippets = ["footer": "f", "Big.liquid": "b", "a/Deep": "d"]
        let source = "{% render 'Footer.liquid' %}{% render 'big' %}{% assign n = 'A/deep' %}{% include n %}"
        #expect(try rendered(source, snippets: snippets) == "fbd")
        #expect(try rendered("{% render 'x' %}", snippets: ["X": "upper", "x": "lower"]) == "lower")
    }

    @Test func `a template is shared between tasks`() async throws {
        let template = try Template.parse(source: "{% for i in (1..50) %}{{ i | times: factor }} {% endfor %}")
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for factor in 1...8 {
                group.addTask {
                    let data = TemplateData()
                    data.set("factor", to: factor)
                    let renderer = Renderer()
                    _ = try renderer.render(template, data: data, options: .fixed)
                    let expected = (1...50).map { "\($0 * factor) " }.joined()
                    return String(decoding: renderer.text, as: UTF8.self) == expected
                }
            }
            for try await isRight in group { #expect(isRight) }
        }
    }

    @Test func `abort is an outcome with a reason`() throws {
        let template = try Template.parse(source: "a{% if true %}{% abort 'no stock' %}{% endif %}b")
        let outcome = try Renderer().render(template, data: TemplateData(), options: .fixed)
        #expect(outcome == .aborted(reason: "no stock"))
    }
}
