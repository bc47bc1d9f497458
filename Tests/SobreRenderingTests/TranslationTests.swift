import SobreModel
import SobreRendering
import Testing

@Suite struct TranslationTests {
    private static let english = [
        "note/template.yaml": "from: a@b.example\n", "note/email.subject.liquid": "Your order",
        "note/email.preheader.liquid": "It is on its way", "note/email.html.liquid": "<p>Hello{% render 'sign' %}</p>",
        "note/sms.liquid": "Hello", "_snippets/sign.liquid": ", bye", "_snippets/fr_FR/sign.liquid": ", salut",
    ]

    private func catalogue(_ more: [String: String]) throws -> (TemplateCatalogue, TemplateFolder) {
        let folder = try TemplateFolder(Self.english.merging(more) { $1 })
        return (try TemplateCatalogue(root: folder.root), folder)
    }

    @Test(arguments: ["fr_FR", "fr-FR", "FR_fr", "fr"])
    func `a folder may be written as systems write locales`(name: String) throws {
        let (catalogue, folder) = try catalogue(["note/\(name)/sms.liquid": "Bonjour"])
        #expect(Letter(locale: "fr-FR").render(.sms, with: catalogue).sms?.text == "Bonjour")
        #expect(Letter(locale: "en-US").render(.sms, with: catalogue).sms?.text == "Hello")
        _ = folder
    }

    @Test(arguments: [
        ("french", "Did you mean fr?"), ("fre", "Did you mean fr?"), ("jp", "Did you mean ja?"),
        ("cn", "Did you mean zh?"),
        ("english", "Did you mean en?"), ("xx", "is not a locale"), ("backup", "is not a locale"),
        ("fr FR", "is not a locale"),
    ])
    func `a folder that is no locale is an error`(name: String, words: String) throws {
        let (catalogue, folder) = try catalogue(["note/\(name)/sms.liquid": "Bonjour"])
        let report = catalogue.snapshot.broken.first?.error.report ?? ""
        #expect(report.contains("note/\(name)/sms.liquid") && report.contains(words), "\(report)")
        _ = folder
    }

    @Test func `two folders for one locale are an error`() throws {
        let (catalogue, folder) = try catalogue(["note/fr_FR/sms.liquid": "a", "note/fr-FR/sms.liquid": "b"])
        #expect(catalogue.snapshot.broken.first?.error.report.contains("for the same locale") == true)
        _ = folder
    }

    @Test func `a translation without a subject is not used, and reported`() throws {
        let (catalogue, folder) = try catalogue([
            "note/fr/email.html.liquid": "<p>Bonjour</p>", "note/fr/sms.liquid": "Bonjour",
        ])
        let letter = Letter(locale: "fr-FR")
        let email = try #require(letter.render(.email, with: catalogue).email)
        #expect(email.subject == "Your order" && email.html == "<p>Hello, bye</p>")
        #expect(letter.render(.sms, with: catalogue).sms?.text == "Bonjour")
        let remarks = try #require(catalogue.snapshot.ready.first?.remarks)
        #expect(remarks.count == 1)
        #expect(remarks[0].contains("note/fr is not used for email") && remarks[0].contains("email.subject.liquid"))
        try folder.write("note/fr/email.subject.liquid", "Votre commande")
        try catalogue.reload()
        #expect(catalogue.snapshot.ready.first?.remarks == [])
        let whole = try #require(letter.render(.email, with: catalogue).email)
        // The preheader is optional, and an English one would not belong here.
        #expect(whole.subject == "Votre commande" && whole.html == "<p>Bonjour</p>" && whole.preheader == nil)
    }

    @Test func `a region's folder is completed by its language's`() throws {
        let (catalogue, folder) = try catalogue([
            "note/fr/email.subject.liquid": "Votre commande",
            "note/fr/email.html.liquid": "<p>Bonjour{% render 'sign' %}</p>",
            "note/fr-CA/email.subject.liquid": "Votre achat", "_snippets/fr/sign.liquid": ", merci",
        ])
        let email = try #require(Letter(locale: "fr-CA").render(.email, with: catalogue).email)
        #expect(email.subject == "Votre achat" && email.html == "<p>Bonjour, merci</p>")
        #expect(catalogue.snapshot.ready.first?.remarks == [])
        _ = folder
    }

    @Test func `a category that the policy does not know breaks the template`() throws {
        let (catalogue, folder) = try catalogue(["note/template.yaml": "category: marketting\n"])
        let checked = catalogue.snapshot.knowing(categories: ["marketing", "transactional"], policy: "policy.yaml")
        let report = try #require(checked.broken.first?.error.report)
        #expect(report.contains("\"marketting\" is not in policy.yaml") && report.contains("Did you mean marketing?"))
        #expect(catalogue.snapshot.knowing(categories: ["marketting"], policy: "policy.yaml").broken.isEmpty)
        _ = folder
    }
}
