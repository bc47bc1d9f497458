import SobreModel
import SobreRendering
import Testing

@Suite struct LinkSchemeTests {
    private func failure(_ html: String, _ address: String, schemes: [String]? = nil) throws -> String? {
        let folder = try TemplateFolder([
            "note/template.yaml": "from: a@b.example\n", "note/email.subject.liquid": "S",
            "note/email.html.liquid": html,
        ])
        var options = RenderingOptions()
        if let schemes { options.linkSchemes = schemes }
        return Letter(data: "{\"u\": \"\(address)\"}").render(
            .email, with: try TemplateCatalogue(root: folder.root), options
        ).failure
    }

    @Test(arguments: [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\\nscript:alert(1)",
        "java\\tscript:x",
        "\\u0001javascript:x", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "blob:https://x.example/1",
        "intent://x", "about:blank", "ftp://x.example",
    ])
    func `a link from data may only have an allowed scheme`(address: String) throws {
        for html in [
            "<a href=\"{{ u }}\">x</a>", "<A HREF='{{ u }}'>x</A>", "<a title='>' href=\"{{ u }}\">x</a>",
            "<form action=\"{{ u }}\">", "<button formaction=\"{{ u }}\">", "<area href=\"{{ u }}\">",
            "<meta http-equiv=refresh content=\"0;url={{ u }}\">",
            "<meta content='1, {{ u }}' HTTP-EQUIV='Refresh'>", "<a href=\"{{ u | raw }}\">x</a>",
        ] {
            let text = try #require(try failure(html, address), "\(html) \(address)")
            #expect(text.contains("rendering.link_schemes") && text.contains("note"), "\(text)")
        }
    }

    @Test(arguments: [
        "https://x.example/a", "HTTP://x.example", "mailto:a@b.example", "tel:+12025550123", "sms:+12025550123",
        "/path", "#top",
        "?q=a:b", "a/b:c", "", "//x.example", "page",
    ])
    func `other links pass`(address: String) throws {
        #expect(try failure("<a href=\"{{ u }}\">x</a>", address) == nil)
    }

    @Test func `entities hide no scheme, and comments hold no links`() throws {
        for html in [
            "<a href='javascript&colon;x'>", "<a href='&#106;avascript:x'>", "<a href='&#x6A;avascript:x'>",
            "<a href='&#0000106avascript:x'>", "<a href='java&Tab;script:x'>", "<a href='java&NewLine;script:x'>",
            "<a href=javascript:x>", "<img src='javascript:x'>", "<img src='data:text/html,x'>",
            "<img srcset='https://x.example/a.png, javascript:x 2x'>", "<svg><a xlink:href='javascript:x'>",
        ] {
            #expect(try failure(html, "") != nil, "\(html)")
        }
        for html in [
            "<!-- <a href='javascript:x'> -->", "<img src='data:image/png;base64,AAAA'>",
            "<p>javascript:x</p>", "<style>a{background:url(https://x.example)}</style>",
            "<meta name=description content='sale: today'>",
        ] {
            #expect(try failure(html, "") == nil, "\(html)")
        }
    }

    @Test func `an operator may allow the schemes of an app`() throws {
        let html = "<a href=\"{{ u }}\">x</a>"
        #expect(try failure(html, "shop://orders/1") != nil)
        #expect(try failure(html, "shop://orders/1", schemes: ["https", "shop"]) == nil)
        #expect(try failure(html, "http://x.example", schemes: ["https", "shop"]) != nil)
    }

    @Test(arguments: ["javascript:x", "vbscript:x", "data:text/html,x", "file:///x", "intent://x", "JAVASCRIPT:x"])
    func `the links of a push message are judged the same way`(address: String) throws {
        let folder = try TemplateFolder([
            "note/template.yaml": "", "note/push.liquid": "title: T\nlink: {{ u }}\nimage: {{ i }}\n---\nBody\n",
        ])
        let catalogue = try TemplateCatalogue(root: folder.root)
        func failure(_ link: String, _ image: String, _ options: RenderingOptions = .init()) -> String? {
            Letter(data: "{\"u\": \"\(link)\", \"i\": \"\(image)\"}").render(.push, with: catalogue, options).failure
        }
        #expect(failure(address, "")?.contains("link") == true)
        #expect(failure("", address)?.contains("image") == true)
        #expect(failure("https://x.example", "https://x.example/i.png") == nil)
        #expect(failure("shop://orders/1", "")?.contains("rendering.link_schemes") == true)
        #expect(failure("shop://orders/1", "", RenderingOptions(linkSchemes: ["https", "shop"])) == nil)
    }
}
