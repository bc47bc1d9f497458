import SobreModel
import SobreRendering
import SobreSettings
import Testing

@Suite struct RenderTests {
    static let email: [String: String] = [
        "note/template.yaml": "from: Shop <shop@b.example>\n", "note/email.subject.liquid": "Hi {{ first_name }}\n",
        "note/email.html.liquid": "<p>Hi {{ customer.first_name }}, {{ word }}</p>",
    ]

    @Test func `an email is escaped in HTML, plain in text, and has its unsubscribe link`() throws {
        let folder = try TemplateFolder(Self.email)
        let catalogue = try TemplateCatalogue(root: folder.root)
        let letter = Letter(data: #"{"word": "<b>Tom & Jerry</b>"}"#)
        let content = try #require(letter.render(.email, with: catalogue).email)
        #expect(content.subject == "Hi Ann")
        #expect(content.from == Mailbox(name: "Shop", address: "shop@b.example"))
        #expect(content.html == "<p>Hi Ann, &lt;b&gt;Tom &amp; Jerry&lt;/b&gt;</p>")
        #expect(content.text == "Hi Ann, <b>Tom & Jerry</b>\n")
        #expect(content.unsubscribeURL?.hasPrefix("https://s.example/u/") == true)
        var order = letter
        order.category = "transactional"
        #expect(order.render(.email, with: catalogue).email?.unsubscribeURL == nil)
    }

    @Test(arguments: ["Ann\\r\\nBcc: x@y.example", "Ann\\nX", "Ann\\u0000"])
    func `a value cannot add a header through the subject`(name: String) throws {
        let folder = try TemplateFolder(Self.email)
        let catalogue = try TemplateCatalogue(root: folder.root)
        let letter = Letter(data: #"{"word": "x"}"#, attributes: "{\"first_name\": \"\(name)\"}")
        #expect(letter.render(.email, with: catalogue).failure != nil)
    }

    @Test(arguments: ["Ann\\r\\n", "Ann\\n", "Ann \\n ", "\\n Ann", "Ann\\r"])
    func `line breaks at the ends of a value do not hold a message`(name: String) throws {
        let folder = try TemplateFolder(
            Self.email.merging(["note/email.preheader.liquid": "{{ first_name }}, hello"]) { $1 })
        let catalogue = try TemplateCatalogue(root: folder.root)
        var letter = Letter(data: #"{"word": "x"}"#, attributes: "{\"first_name\": \"\(name)\"}")
        letter.category = "transactional"
        let content = try #require(letter.render(.email, with: catalogue).email)
        #expect(content.subject == "Hi Ann" && content.preheader == "Ann, hello")
        // Spaces alone are the author's business.
        let spaced = Letter(data: #"{"word": "x"}"#, attributes: #"{"first_name": "Ann "}"#)
        #expect(spaced.render(.email, with: catalogue).email?.preheader == "Ann , hello")
    }

    @Test func `a message shares one budget of work among its parts, and says which setting ends it`() throws {
        let heavy = "{% for i in (1..90000) %}{% assign x = word | sha256 %}{% endfor %}ok"
        let folder = try TemplateFolder([
            "note/template.yaml": "from: a@b.example\n", "note/email.subject.liquid": "S",
            "note/email.html.liquid": heavy, "note/sms.liquid": "{% for i in (1..2) %}{{ word | size }} {% endfor %}",
            "push/template.yaml": "",
            "push/push.liquid":
                "title: {{ word | md5 }}\ndata.a: {{ word | md5 }}\ndata.b: {{ word | md5 }}\n---\nBody\n",
        ])
        let catalogue = try TemplateCatalogue(root: folder.root)
        let word = String(repeating: "lorem ipsum ", count: 5_000)
        let letter = Letter(data: "{\"word\": \"\(word)\"}")
        let failure = try #require(letter.render(.email, with: catalogue).failure)
        #expect(failure.contains("rendering.max_work") && failure.contains("note/email.html.liquid:1:"))
        #expect(letter.render(.sms, with: catalogue).sms?.text == "60000 60000")
        var options = RenderingOptions()
        options.limits.maxWork = 1_600_000  // two digests of 60 kB, not three
        let push = Letter(template: "push", data: "{\"word\": \"\(word)\"}")
        #expect(push.render(.push, with: catalogue).push != nil)
        #expect(push.render(.push, with: catalogue, options).failure?.contains("1600000 units") == true)
    }

    @Test func `many missing values are named in part`() throws {
        let words = (0..<500).map { "{{ v\($0) }}" }.joined()
        let folder = try TemplateFolder(["note/template.yaml": "", "note/sms.liquid": words])
        let failure = try #require(Letter().render(.sms, with: try TemplateCatalogue(root: folder.root)).failure)
        #expect(failure.contains("v19 (") && failure.contains("480 more") && !failure.contains("v20 ("))
    }

    @Test func `an SMS has no invisible spaces, and keeps its alphabet`() throws {
        let folder = try TemplateFolder([
            "note/template.yaml": "",
            "note/sms.liquid": "Total {{ 1234.5 | currency: 'EUR', locale: 'fr' }}, {{ word }}",
        ])
        let content = Letter(data: #"{"word": "a\u00a0b\u202fc\u2009d"}"#)
            .render(.sms, with: try TemplateCatalogue(root: folder.root)).sms
        #expect(content?.text == "Total 1 234,50 €, a b c d")
        #expect(content.map { SMSSegments($0.text).encoding } == .gsm7)
    }

    @Test func `the language of a profile is known apart from its region`() throws {
        let folder = try TemplateFolder([
            "note/template.yaml": "",
            "note/sms.liquid": "{% if customer.language == 'fr' %}oui{% else %}non{% endif %}",
        ])
        let catalogue = try TemplateCatalogue(root: folder.root)
        #expect(Letter(locale: "fr-FR").render(.sms, with: catalogue).sms?.text == "oui")
        #expect(Letter(locale: "FR_ca").render(.sms, with: catalogue).sms?.text == "oui")
        #expect(Letter(locale: "en").render(.sms, with: catalogue).sms?.text == "non")
    }

    @Test func `a missing value holds the message and reports its position`() throws {
        let folder = try TemplateFolder(Self.email)
        let catalogue = try TemplateCatalogue(root: folder.root)
        let failure = try #require(Letter().render(.email, with: catalogue).failure)
        #expect(failure.contains("word"))
        #expect(failure.contains("note/email.html.liquid:1:"))
        let lenient = RenderingOptions(undefined: .empty)
        #expect(Letter().render(.email, with: catalogue, lenient).email?.html == "<p>Hi Ann, </p>")
    }

    @Test func `system values take precedence over data, and data over attributes`() throws {
        let folder = try TemplateFolder([
            "note/template.yaml": "",
            "note/sms.liquid":
                "{{ channel }}|{{ campaign }}|{{ first_name }}|{{ customer.first_name }}|{{ customer.id }}|"
                + "{{ city }}|{{ message.category }}|{{ locale }}",
        ])
        let catalogue = try TemplateCatalogue(root: folder.root)
        let letter = Letter(
            data: #"{"channel": "pigeon", "first_name": "Anna"}"#,
            attributes: #"{"first_name": "Ann", "city": "Ithaca"}"#)
        #expect(letter.render(.sms, with: catalogue).sms?.text == "sms|autumn|Anna|Ann|ann|Ithaca|marketing|en-US")
    }

    /// Values that no template uses are not built. Each of these ways of using one must be detected.
    @Test(arguments: [
        ("{{ message.category }}", "marketing"), ("{{ message['category'] }}", "marketing"),
        ("{{ self[word].category }}", "marketing"), ("{{ 'a ' | append: message.category }}", "a marketing"),
        ("{% if message.category == 'marketing' %}yes{% endif %}", "yes"),
        ("{% assign m = message %}{{ m.category }}", "marketing"),
        ("{% capture c %}{{ message.category }}{% endcapture %}{{ c }}", "marketing"),
        ("{% for pair in customer limit: 1 %}{{ pair[0] }}{% endfor %}", "id"),
        ("{{ customer.id }}{% assign customer = 'x' %}{{ customer }}", "annx"),
        ("{% render 'who', m: message %}", "marketing"), ("{% include 'me' %}", "ann"),
        ("{% case customer.id %}{% when 'ann' %}her{% endcase %}", "her"), ("{{ now }}", "2026-11-21T18:00:00Z"),
        ("{{ now | date: '%Y' }}", "2026"), ("{{ first_name }}", "Ann"),
        ("{{ self['unsubscribe_url'] | slice: 0, 5 }}", "https"),
    ])
    func `every value that a template reads is present, however it is read`(words: String, expected: String) throws {
        let folder = try TemplateFolder([
            "note/template.yaml": "", "note/sms.liquid": words, "_snippets/who.liquid": "{{ m.category }}",
            "_snippets/me.liquid": "{{ customer.id }}",
        ])
        let catalogue = try TemplateCatalogue(root: folder.root)
        let letter = Letter(data: #"{"word": "message"}"#)
        #expect(letter.render(.sms, with: catalogue).sms?.text == expected)
    }

    @Test func `an aborted template is not a failure`() throws {
        let folder = try TemplateFolder(["note/template.yaml": "", "note/sms.liquid": "{% abort 'too soon' %}"])
        let catalogue = try TemplateCatalogue(root: folder.root)
        guard case .aborted("too soon", let version) = Letter().render(.sms, with: catalogue) else {
            Issue.record("not aborted")
            return
        }
        #expect(version.count == 8)
    }

    @Test(arguments: [("fr-FR", "fr"), ("fr-CA", "fr-CA"), ("fr", "fr"), ("en-US", "default"), ("FR_ca", "fr-CA")])
    func `the parts of the closest locale are used`(locale: String, expected: String) throws {
        let folder = try TemplateFolder([
            "note/template.yaml": "", "note/sms.liquid": "default", "note/fr/sms.liquid": "fr",
            "note/fr-CA/sms.liquid": "fr-CA",
        ])
        let catalogue = try TemplateCatalogue(root: folder.root)
        #expect(Letter(locale: locale).render(.sms, with: catalogue).sms?.text == expected)
    }

    @Test func `no value can add a field to a push message, and unsafe links are refused`() throws {
        let folder = try TemplateFolder([
            "note/template.yaml": "",
            "note/push.liquid": "title: For {{ first_name }}\nlink: {{ link }}\ndata.order: {{ order }}\n---\nBody\n",
        ])
        let catalogue = try TemplateCatalogue(root: folder.root)
        let letter = Letter(
            data: #"{"link": "https://x.example/a", "order": "7\nlink: https://evil.example"}"#,
            attributes: #"{"first_name": "Ann\nimage: https://evil.example/i"}"#)
        let content = try #require(letter.render(.push, with: catalogue).push)
        #expect(content.image == nil)
        #expect(content.link == "https://x.example/a")
        #expect(content.data == [.init(key: "order", value: "7\nlink: https://evil.example")])
        #expect(content.body == "Body")
        let unsafe = Letter(data: #"{"link": "javascript:alert(1)", "order": "7"}"#)
        #expect(unsafe.render(.push, with: catalogue).failure?.contains("link") == true)
    }

    @Test(arguments: [
        (#"{}"#, "has no cds"), (#"{"cds": "two"}"#, "has a string as cds"), (#"{"cds": 2.5}"#, "needs a whole number"),
    ])
    func `data is checked against the template's manifest`(data: String, help: String) throws {
        let folder = try TemplateFolder([
            "note/template.yaml": "variables: { cds: { type: integer, required: true } }\n", "note/sms.liquid": "ok",
        ])
        let catalogue = try TemplateCatalogue(root: folder.root)
        #expect(Letter(data: data).render(.sms, with: catalogue).failure?.contains(help) == true)
        #expect(Letter(data: #"{"cds": 2}"#).render(.sms, with: catalogue).sms?.text == "ok")
    }

    @Test func `a message over its budget is held, not truncated`() throws {
        let folder = try TemplateFolder([
            "note/template.yaml": "budgets: { sms_segments: 1 }\n", "note/sms.liquid": "{{ word }}",
        ])
        let catalogue = try TemplateCatalogue(root: folder.root)
        let long = String(repeating: "a", count: 161)
        #expect(
            Letter(data: "{\"word\": \"\(long)\"}").render(.sms, with: catalogue).failure?.contains("2 parts") == true)
    }

    @Test func `an endless template is stopped`() throws {
        let folder = try TemplateFolder([
            "note/template.yaml": "",
            "note/sms.liquid": "{% for a in (1..100000) %}{% for b in (1..100000) %}{% endfor %}{% endfor %}",
        ])
        let catalogue = try TemplateCatalogue(root: folder.root)
        #expect(Letter().render(.sms, with: catalogue).failure != nil)
    }

    @Test func `a layout surrounds the template, and errors are reported in the template's file`() throws {
        let folder = try TemplateFolder([
            "note/template.yaml": "layout: base\nfrom: a@b.example\n", "note/email.subject.liquid": "Subject & Co",
            "note/email.preheader.liquid": "Before", "note/email.html.liquid": "<p>{{ word }}</p>",
            "_layouts/base.liquid":
                "<title>{{ email_subject }}</title>{{ email_preheader }}{% include 'content' %}<i>end</i>",
        ])
        let catalogue = try TemplateCatalogue(root: folder.root)
        let content = Letter(data: #"{"word": "w"}"#).render(.email, with: catalogue).email
        #expect(content?.html == "<title>Subject &amp; Co</title>Before<p>w</p><i>end</i>")
        #expect(Letter().render(.email, with: catalogue).failure?.contains("note/email.html.liquid:1:") == true)
    }
}
