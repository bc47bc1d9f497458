import SobreModel
import SobreRendering
import Testing

@Suite("Templates that the channel's operator has approved")
struct ApprovedTemplateTests {
    private static func catalogue(_ files: [String: String]) throws -> (TemplateFolder, TemplateCatalogue) {
        let folder = try TemplateFolder(files)
        return (folder, try TemplateCatalogue(root: folder.root))
    }

    @Test func `whether a template sends a free text is known for each locale before it is rendered`() throws {
        let (_, catalogue) = try Self.catalogue([
            "chat/template.yaml": "", "chat/whatsapp.liquid": "Hello.\n",
            "chat/fr/whatsapp.liquid": "template: bonjour\nlanguage: fr\n---\n",
            "approved/template.yaml": "", "approved/whatsapp.liquid": "template: {{ t }}\nlanguage: en\n---\n",
            "text/template.yaml": "", "text/sms.liquid": "Hello.\n",
            "broken/template.yaml": "", "broken/whatsapp.liquid": "{{ ",
        ])
        let approved = catalogue.snapshot.approved
        #expect(approved.isFreeText("chat", locale: nil) && approved.isFreeText("chat", locale: "en-US"))
        #expect(!approved.isFreeText("chat", locale: "fr") && !approved.isFreeText("chat", locale: "FR_ca"))
        #expect(!approved.isFreeText("approved", locale: "en"))
        for name in ["text", "broken", "missing"] { #expect(!approved.isFreeText(name, locale: "en"), "\(name)") }
    }

    @Test func `a template's name that renders empty does not become a free text`() throws {
        let (_, catalogue) = try Self.catalogue([
            "note/template.yaml": "",
            "note/whatsapp.liquid": "template: {{ t }}\nlanguage: {{ l }}\n---\nHello.\n",
        ])
        let failure = Letter(data: #"{"t": "", "l": ""}"#).render(.whatsapp, with: catalogue).failure
        #expect(failure?.contains("template: of note's WhatsApp template is empty") == true, "\(failure ?? "rendered")")
        let full = Letter(data: #"{"t": "hi", "l": "en"}"#).render(.whatsapp, with: catalogue)
        #expect(full.failure == nil)
    }
}
