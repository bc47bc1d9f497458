import Liquid
import Testing

/// Known weaknesses of other engines, each prevented by a specific limit.
@Suite struct LimitTests {
    @Test(arguments: [
        "{% for i in (1..1000000000) %}{% endfor %}",
        "{% for i in (1..100000) %}{% for j in (1..100000) %}{% endfor %}{% endfor %}",
        "{{ (1..1000000000) | join }}",
        "{% for i in (1..99999999) %}{% continue %}{% endfor %}",
    ])
    func `loops end at the step limit, even with an empty body`(source: String) {
        #expect(failure(source)?.kind == .stepLimit)
    }

    @Test func `the output limit ends the render`() {
        let options = RenderOptions.limited { $0.outputBytes = 1000 }
        #expect(failure("{% for i in (1..1000) %}xx{% endfor %}", options: options)?.kind == .outputLimit)
        #expect(failure("{% tablerow i in (1..100000) %}{% endtablerow %}", options: options)?.kind == .outputLimit)
        #expect(failure(String(repeating: "x", count: 1001), options: options)?.kind == .outputLimit)
        #expect(failure(String(repeating: "x", count: 1000), options: options) == nil)
    }

    @Test func `replace and append cannot amplify without bound`() {
        let source =
            "{% assign a = 'aaaaaaaaaa' %}" + String(repeating: "{% assign a = a | replace: 'a', a %}", count: 6)
        #expect(failure(source)?.kind == .captureLimit)
        let doubling = "{% assign a = 'ab' %}{% for i in (1..60) %}{% assign a = a | append: a %}{% endfor %}"
        #expect(failure(doubling)?.kind == .captureLimit)
    }

    @Test func `the capture limit ends a captured text`() {
        let options = RenderOptions.limited { $0.captureBytes = 100 }
        let source = "{% capture x %}{% for i in (1..200) %}x{% endfor %}{% endcapture %}"
        #expect(failure(source, options: options)?.kind == .captureLimit)
    }

    @Test(arguments: ["{% render 'a' %}", "{% include 'a' %}"])
    func `mutually recursive snippets end at the depth limit`(source: String) {
        let snippets = ["a": source.replacing("a'", with: "b'"), "b": source]
        #expect(failure(source, snippets: snippets)?.kind == .depthLimit)
    }

    @Test func `nested blocks end at the depth limit`() {
        let source = String(repeating: "{% if true %}", count: 500) + String(repeating: "{% endif %}", count: 500)
        #expect(failure(source)?.kind == .depthLimit)
        let brackets = "{{ a" + String(repeating: "[a", count: 5000) + String(repeating: "]", count: 5000) + " }}"
        #expect(failure(brackets)?.kind == .depthLimit)
    }

    @Test func `the width of a date field is bounded`() {
        #expect(failure("{{ 'now' | date: '%9999999999d' }}")?.kind == .argument)
    }

    @Test func `a snippet's name is never a path out of the catalogue`() {
        #expect(failure("{% render '../../etc/passwd' %}")?.kind == .missingSnippet)
        #expect(failure("{% include x %}", #"{"x":"/etc/passwd"}"#)?.kind == .missingSnippet)
    }

    @Test func `the memory limit ends the render`() {
        let options = RenderOptions.limited {
            $0.memoryBytes = 1 << 20
            $0.steps = 100_000_000
        }
        let source =
            "{% assign a = (1..1000) | join: ',' %}{% for i in (1..10000) %}{% assign b = a | append: i %}{% endfor %}"
        #expect(failure(source, options: options)?.kind == .memoryLimit)
    }

    @Test(arguments: [
        "[1]", "{", "{\"a\":}", "{\"a\":1}x", "{\"a\":\"\u{1}\"}", "{\"a\":01}", "{\"a\":\"\\ud800\"}", "",
    ])
    func `data that is not one JSON object is refused`(json: String) {
        #expect(failure("x", json)?.kind == .invalidData)
    }

    @Test func `deep data is refused`() {
        let json = "{\"a\":" + String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000) + "}"
        #expect(failure("x", json)?.kind == .invalidData)
    }

    @Test func `a large object is searched through its index, and the last duplicate name wins`() throws {
        let members = (0..<500).map { "\"k\($0)\":\($0)" } + ["\"k7\":\"last\""]
        let json = "{\"o\":{" + members.joined(separator: ",") + "}}"
        #expect(try rendered("{{ o.k499 }} {{ o.k7 }} {{ o.size }} {{ o.none }}", json) == "499 last 500 ")
    }
}
