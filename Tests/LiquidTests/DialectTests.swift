import Liquid
import Testing

/// Extensions for messages beyond Shopify's language.
@Suite struct DialectTests {
    private func text(_ source: String, _ json: String = "{}", locale: String = "en") throws -> String {
        var options = RenderOptions.fixed
        options.locale = locale
        return try rendered(source, json, options: options)
    }

    @Test(arguments: [
        ("en", "$1,234.50"), ("de", "1.234,50\u{A0}$"), ("fr-FR", "1\u{202F}234,50\u{A0}$"),
        ("pt-BR", "$\u{A0}1.234,50"),
        ("es", "1234,50\u{A0}$"), ("xx", "$1,234.50"),
    ])
    func `the currency has the position of the language`(locale: String, expected: String) throws {
        #expect(try text("{{ 1234.5 | currency: 'USD' }}", locale: locale) == expected)
    }

    @Test(arguments: [
        ("{{ 49900 | currency: 'EUR', minor: true }}", "€499.00"), ("{{ 1500 | currency: 'JPY' }}", "¥1,500"),
        ("{{ -3.999 | currency: 'CHF' }}", "-CHF\u{A0}4.00"), ("{{ 1234567.891 | number }}", "1,234,567.891"),
        ("{{ 1234.5 | number: 2, locale: 'de' }}", "1.234,50"), ("{{ 0.256 | percent: 1 }}", "25.6%"),
        ("{{ 0.5 | percent: locale: 'fr' }}", "50\u{202F}%"), ("{{ 3 | pluralize: 'item', 'items' }}", "items"),
        ("{{ 1 | pluralize: 'item' }}", "item"), ("{{ 'a,b,c' | split: ',' | list }}", "a, b, and c"),
        ("{{ 'a,b' | split: ',' | list: 'or' }}", "a or b"),
        ("{{ 'a,b,c' | split: ',' | list: locale: 'de' }}", "a, b und c"),
        ("{{ 'maria SILVA-souza' | titlecase }}", "Maria Silva-Souza"), ("{{ 'Maria Silva' | initials }}", "MS"),
        ("{{ ' e\u{301}mile\r\n- o\u{308}zil-\t' | initials }}", "E\u{301}O\u{308}"), ("{{ '- -' | initials }}", ""),
        ("{{ 'maria@example.com' | mask }}", "m***@example.com"),
        ("{{ '4111111111111111' | mask }}", "************1111"),
        ("{{ 'a b&c/é' | url_param_escape }}", "a%20b%26c%2F%C3%A9"),
        ("{{ '👨‍👩‍👧‍👦 family' | truncate_graphemes: 3 }}", "👨‍👩‍👧‍👦 …"),
        ("{{ 'abc' | md5 }}", "900150983cd24fb0d6963f7d28e17f72"),
        ("{{ 'abc' | sha256 }}", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "{{ 'what do ya want for nothing?' | hmac_sha256: 'Jefe' }}",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        ("{{ 'Zoë’s “café” — 5 €…' | sms_safe }}", "Zoe's \"café\" - 5 €..."),
        (
            "{{ 'https://x.example/p?a=1#top' | utm: source: 'news', campaign: 'Black Friday' }}",
            "https://x.example/p?a=1&utm_source=news&utm_campaign=Black%20Friday#top"
        ),
        (#"{{ 'a,b' | split: ',' | json }}"#, #"["a","b"]"#),
    ])
    func `filters of the dialect`(source: String, expected: String) throws {
        #expect(try text(source) == expected)
    }

    @Test(arguments: [
        ("{{ '2026-11-21T23:30:00Z' | date: 'long', locale: 'fr' }}", "21 novembre 2026"),
        ("{{ '2026-11-21' | date: '%A %e %B', locale: 'de' }}", "Samstag 21 November"),
        ("{{ '2026-01-31' | date_add: 1, 'month' | date: '%F' }}", "2026-02-28"),
        ("{{ 'now' | date_add: 3 }}", "2026-11-24T18:00:00Z"), ("{{ '2026-11-24' | days_until }}", "3"),
        ("{{ '2026-11-20T23:59:00Z' | days_until }}", "-1"),
        ("{{ '2026-07-01T22:30:00Z' | date: '%F %H:%M %Z', time_zone: 'Test/East' }}", "2026-07-02 00:30 EAST"),
    ])
    func `dates are formatted in the language and the zone`(source: String, expected: String) throws {
        var options = RenderOptions.fixed
        options.zones = TwoHoursEast()
        #expect(try rendered(source, options: options) == expected)
    }

    @Test func `an unknown zone is an error`() {
        let error = failure("{{ 'now' | date: '%F', time_zone: 'Mars/Base' }}")
        #expect(error?.kind == .argument)
    }

    @Test(arguments: [
        ("ru", 1, "1 товар"), ("ru", 3, "3 товара"), ("ru", 5, "5 товаров"), ("ru", 21, "21 товар"),
        ("ru", 12, "12 товаров"),
    ])
    func `translations use the plural category of the language`(locale: String, count: Int, expected: String) throws {
        var options = RenderOptions.fixed
        options.locale = locale
        let data = TemplateData()
        data.set("n", to: count)
        try data.addTranslations(
            json: Array(
                #"{"cart":{"items":{"one":"{{ count }} товар","few":"{{count}} товара","many":"%{count} товаров"}}}"#
                    .utf8))
        let renderer = Renderer()
        let template = try Template.parse(source: "{{ 'cart.items' | t: count: n }}")
        _ = try renderer.render(template, data: data, options: options)
        #expect(String(decoding: renderer.text, as: UTF8.self) == expected)
    }

    @Test func `a missing translation is reported by its key`() throws {
        let renderer = Renderer()
        let template = try Template.parse(source: "{{ 'no.such' | t }}{{ 'other' | t | default: 'x' }}")
        _ = try renderer.render(template, data: TemplateData(), options: .fixed)
        #expect(renderer.undefined.map(\.path) == ["no.such"])
        let flags = renderer.undefined.map { $0.isTranslation }
        #expect(flags == [true])
    }

    @Test func `a row of a local catalogue is read by its id`() throws {
        let json = #"{"catalogs":{"products":{"v-28":{"name":"Vesna"}}},"sku":"v-28"}"#
        let source =
            "{% catalog 'products' id: sku, save: p %}{{ p.name }}{% catalog 'products' id: 'x', save: q %}{{ q.name | default: '-' }}"
        #expect(try rendered(source, json) == "Vesna-")
        #expect(failure("{% catalog 'products' id: 1 %}")?.kind == .syntax)
    }

    @Test func `the standard dialect does not have the message filters`() throws {
        #expect(try rendered("{{ 5 | currency: 'EUR' }}", parse: ParseOptions(dialect: .standard)) == "5")
    }
}

private struct TwoHoursEast: ZoneProvider {
    func offset(of zone: String, atEpochSeconds seconds: Int64) -> (seconds: Int, abbreviation: String)? {
        zone == "Test/East" ? (7200, "EAST") : nil
    }
}
