import SobreModel
import SobreRendering
import Testing

@Suite("SMS in the GSM alphabet") struct TransliterationTests {
    private func sms(_ text: String, yaml: String = "sms: { transliterate: true }", asked: Bool = false) throws
        -> SMSContent
    {
        let folder = try TemplateFolder(["note/template.yaml": yaml + "\n", "note/sms.liquid": "{{ word }}"])
        let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
        let letter = Letter(data: "{\"word\": \"\(escaped)\"}")
        let options = RenderingOptions(transliteratesSMS: asked)
        return try #require(letter.render(.sms, with: try TemplateCatalogue(root: folder.root), options).sms)
    }

    @Test(arguments: [
        ("“Hi” – it’s…", "\"Hi\" - it's..."), ("Ça coûte 5 €, déjà", "Ça coute 5 €, déjà"),
        ("ÀÉÎ õ Œuvre ½", "AÉI o OEuvre 1/2"),
        ("Żółć Łódź", "Zólc Lódz".replacing("ó", with: "o")), ("Chào buổi sáng", "Chào buoi sang"),
        ("naïve e\u{301}", "naive é"),
        ("Καλημέρα κόσμε", "KAΛHMEPA KOΣME"), ("Ξενοδοχείο ΨΩ", "ΞENOΔOXEIO ΨΩ"), ("a\u{200B}c", "ac"),
    ])
    func `look-alikes take the place of what the alphabet lacks`(text: String, expected: String) throws {
        let content = try sms(text)
        #expect(content.text == expected)
        #expect(content.written == text)
        #expect(SMSSegments(content.text).encoding == .gsm7)
    }

    @Test(arguments: ["Привет – “мир”", "שלום – x", "日本語…", "Hi 👋 – “there”", "¿Él? 5 € [x] ñ"])
    func `a text that saves nothing stays as it was written`(text: String) throws {
        let content = try sms(text)
        #expect(content.text == text && content.written == nil)
    }

    @Test func `it is done when asked, by the template before the settings`() throws {
        #expect(try sms("“x”", yaml: "").text == "“x”")
        #expect(try sms("“x”", yaml: "", asked: true).text == "\"x\"")
        #expect(try sms("“x”", yaml: "sms: { transliterate: false }", asked: true).text == "“x”")
        #expect(try sms("“x”", yaml: "sms: { from: SHOP, transliterate: true }").from == "SHOP")
    }

    @Test func `the budget of parts counts what is sent`() throws {
        let text = "“" + String(repeating: "x", count: 150)
        #expect(try sms(text, yaml: "sms: { transliterate: true }\nbudgets: { sms_segments: 1 }").text.count == 151)
    }

    @Test func `WhatsApp has no such key`() throws {
        let folder = try TemplateFolder([
            "note/template.yaml": "whatsapp: { transliterate: true }\n", "note/whatsapp.liquid": "x",
        ])
        let broken = try TemplateCatalogue(root: folder.root).snapshot.broken
        #expect(broken.first?.error.report.contains("transliterate") == true)
    }
}
