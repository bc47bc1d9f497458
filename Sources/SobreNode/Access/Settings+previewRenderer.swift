public import SobreRendering
public import SobreSettings

extension Settings {
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
