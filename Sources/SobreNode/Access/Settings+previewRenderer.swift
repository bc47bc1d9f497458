import Files
import SobreAdmission
import SobreModel
public import SobreRendering
public import SobreSettings

extension Settings {
    /// The templates of these settings.
    ///
    /// - Returns: the catalogue; broken templates are kept in it with their errors.
    /// - Throws: ``TemplateError`` when the folder itself cannot be read.
    public func templateCatalogue() throws(TemplateError) -> TemplateCatalogue {
        try TemplateCatalogue(root: paths.templates, linked: paths.templateLinks, attachments: intake.attachments)
    }

    /// The templates with those as broken whose category the policy does not know. Unchanged where the policy cannot be
    /// read.
    ///
    /// - Parameter snapshot: templates of these settings.
    /// - Returns: the templates as their messages are judged.
    public func checked(_ snapshot: CatalogueSnapshot) -> CatalogueSnapshot {
        guard let policy = try? readPolicy() else { return snapshot }
        return snapshot.knowing(categories: policy.categoryNames, policy: FilePath.forDisplay(paths.policy))
    }

    /// The server's renderer, except that its unsubscribe links are placeholders.
    public func previewRenderer(of catalogue: TemplateCatalogue) -> MessageRenderer {
        let address = links.publicURL
        let preferences = links.preferencesURL
        return MessageRenderer(
            catalogue: catalogue,
            links: MessageLinks(unsubscribe: { _ in "\(address)/u/preview" }, preferences: { _ in preferences }),
            options: renderingOptions)
    }
}

extension Settings {
    /// The From addresses of emails: those of templates, and the settings' for templates that have none.
    ///
    /// - Returns: the addresses, each once. Without readable templates only that of the settings.
    public func mailSenders() -> [String] {
        let mail = Channel.allCases.filter { $0.sender == .mailbox }
        let templates = (try? templateCatalogue().snapshot.ready) ?? []
        let own = templates.filter { $0.channels.contains(where: mail.contains) }.compactMap(\.manifest.from)
        let usual = mail.compactMap { sender[$0].flatMap { Mailbox(parsing: $0) } }
        return Set((own + usual).map(\.address)).sorted()
    }
}
