import Liquid
import Testing

@Suite struct EscapingTests {
    static let data = #"{"name":"<b>\"Ana\" & Co</b>","line":"a\nb","rows":["<i>"]}"#

    private func html(_ source: String) throws -> String {
        var options = RenderOptions.fixed
        options.escaping = .html
        return try rendered(source, Self.data, options: options)
    }

    @Test(arguments: [
        ("{{ name }}", "&lt;b&gt;&quot;Ana&quot; &amp; Co&lt;/b&gt;"), ("{{ name | raw }}", "<b>\"Ana\" & Co</b>"),
        ("{{ name | escape }}", "&lt;b&gt;&quot;Ana&quot; &amp; Co&lt;/b&gt;"),
        ("{{ nobody | default: '<i>you</i>' }}", "<i>you</i>"), ("{{ rows }}", "&lt;i&gt;"),
        (
            "{% capture x %}<p>{{ name }}</p>{% endcapture %}{{ x }}",
            "<p>&lt;b&gt;&quot;Ana&quot; &amp; Co&lt;/b&gt;</p>"
        ),
        ("{{ name | append: '<br>' }}", "&lt;b&gt;&quot;Ana&quot; &amp; Co&lt;/b&gt;&lt;br&gt;"),
        ("{{ line | newline_to_br }}", "a<br />\nb"),
        ("{% capture x %}<p>a & {{ rows }}</p>{% endcapture %}{{ x | strip_html }}", "a & &lt;i&gt;"),
        ("{{ name | strip_html | truncate: 6, '<' }}", "&quot;Ana&quot;&lt;"),
        ("{{ name | upcase | slice: 0, 1 }}", "&lt;"),
    ])
    func `HTML in values is escaped once, and the author's own text is not`(template: String, expected: String) throws {
        #expect(try html(template) == expected)
    }

    @Test func `a header rejects values with line breaks and accepts its own text`() throws {
        var options = RenderOptions.fixed
        options.escaping = .header
        #expect(try rendered("Hi {{ x }}\n", #"{"x":"Ana"}"#, options: options) == "Hi Ana\n")
        for value in [#"a\r\nBcc: x"#, #"a\nb"#, #"a\u0000b"#] {
            #expect(failure("{{ x }}", #"{"x":"\#(value)"}"#, options: options)?.kind == .headerInjection)
        }
    }

    @Test func `values for JSON are escaped inside its strings`() throws {
        var options = RenderOptions.fixed
        options.escaping = .json
        #expect(
            try rendered(#"{"t":"{{ x }}"}"#, #"{"x":"a\"b\\c\n\u0001"}"#, options: options)
                == #"{"t":"a\"b\\c\n\u0001"}"#)
    }
}
