import SobreModel
import Testing

@testable import SobreRendering

@Suite struct HiddenTextTests {
    private func text(_ html: String) -> String { HTMLToText.text(of: Array(html.utf8)) }

    @Test(arguments: [
        ("<body><p style=\"display:none\">Preview A<p>Story A: the new box.</p></body>", "Story A: the new box.\n"),
        ("<ul><li style='display:none'>hidden<li>seen</ul>after", "- seen\n\nafter\n"),
        ("<table><tr style='display:none'><td>hidden<tr><td>seen</table>", "seen\n"),
        ("<table><tr><td style='DISPLAY: None'>hidden<td>seen</table>", "seen\n"),
        ("<dl><dt hidden>a<dd>b<dt>c</dl>", "b\nc\n"), ("<div><p style='display:none'>hidden</div>seen", "seen\n"),
        ("<p style='display:none'>hidden<div>seen</div>", "seen\n"),
        ("<p style='display:none'>hidden<h1>seen</h1>", "seen\n"),
        ("<p style='display:none'>a <b>b</b> c<table><tr><td>seen</table>", "seen\n"),
        ("<div style='display:none'>a<div>b</div>c</div>seen", "seen\n"),
        ("<span style='display:none'>a<br>b<img alt=c></span>seen", "seen\n"),
        ("<img style='display:none' alt=x>seen", "seen\n"),
        ("<p style='color:red;display :none!important'>a</p>seen", "seen\n"),
        ("<p style='x-display:none'>seen</p>", "seen\n"), ("<p title='it\\'s'>seen", "seen\n"),
        ("<head><title>t</title><p>seen", "seen\n"), ("<head>seen", "seen\n"),
        ("<p title=it's>one</p><p title=it's>two</p>", "one\n\ntwo\n"),
        ("<table style='display:none'><tr><td><p>a</table>seen", "seen\n"),
        ("<noscript>no</noscript><svg><text>no</text></svg>seen", "seen\n"),
        ("<!--> seen <!-- no --!> too", "seen too\n"), ("<p>a</span></p></div>b", "a\n\nb\n"),
    ])
    func `a hidden element ends where HTML ends it, and what follows is read`(html: String, expected: String) {
        #expect(text(html) == expected)
    }

    @Test func `where every word is hidden, the text is these words`() {
        #expect(text("<div style='display:none'>Preview <p>Story</p>") == "Preview\n\nStory\n")
        #expect(text("<head><title>only a title</title></head>") == "")
    }

    @Test func `text is found in linear time, however the tags nest`() {
        let clock = ContinuousClock()
        func milliseconds(_ count: Int) -> Double {
            let html =
                "<table>" + String(repeating: "<b>", count: count) + String(repeating: "</i><td><p>x", count: count)
                + String(repeating: "<!-- ", count: count)
            let bytes = Array(html.utf8)
            return clock.measure { _ = HTMLToText.text(of: bytes) } / .milliseconds(1)
        }
        let small = milliseconds(2_000)
        #expect(milliseconds(16_000) < 28 * small + 50)
    }

    private func fingerprint(_ html: String, text: String? = nil) throws -> UInt64? {
        var files = [
            "note/template.yaml": "from: a@b.example\n", "note/email.subject.liquid": "News from Larkspur",
            "note/email.html.liquid": html,
        ]
        files["note/email.text.liquid"] = text
        let folder = try TemplateFolder(files)
        return Letter().render(.email, with: try TemplateCatalogue(root: folder.root)).fingerprint?.rawValue
    }

    @Test func `two letters are the same by their HTML, not by a text that leaves things out`() throws {
        let base = try fingerprint("<p style='display:none'>A<p>Story <a href='{{ unsubscribe_url }}'>end</a>")
        #expect(base != nil)
        #expect(try fingerprint("<p style='display:none'>A<p>Story <a href='{{ unsubscribe_url }}'>end</a>") == base)
        // Nothing of the difference is in the text part.
        #expect(try fingerprint("<p style='display:none'>B<p>Story <a href='{{ unsubscribe_url }}'>end</a>") != base)
        #expect(
            try fingerprint("<img src='https://x.example/may.png'>")
                != fingerprint("<img src='https://x.example/june.png'>"))
        #expect(try fingerprint("<p>x</p>", text: "one") != fingerprint("<p>x</p>", text: "two"))
        #expect(
            try fingerprint("<a href='https://x.example/?a=1&amp;utm_source=may'>x</a>")
                == fingerprint("<a  href='https://x.example/?a=1&amp;utm_source=june'>X</a>"))
    }
}
