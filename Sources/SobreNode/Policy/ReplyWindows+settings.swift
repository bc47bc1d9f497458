public import SobreModel
import SobreProviders
public import SobreRendering
public import SobreSettings

extension Settings {
    /// The windows for free texts, as a server with these settings applies them.
    ///
    /// - Parameter templates: the templates; nil: they are read when they are needed.
    /// - Returns: nil where every channel takes a free text at any time.
    /// - Throws: an error of a manifest or of the templates' folder.
    public func replyWindows(_ templates: TemplateCatalogue? = nil) throws -> ReplyWindows? {
        if providers.isEmpty { return nil }
        let factory = ProviderFactory(manifests: try ProviderSetup.manifests(in: paths.providers))
        let lengths = factory.replyWindows(of: providers, routes: routes)
        if lengths.channels.isEmpty { return nil }
        return ReplyWindows(lengths: lengths, approved: try (templates ?? templateCatalogue()).snapshot.approved)
    }
}
