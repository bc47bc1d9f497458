internal import Liquid
public import SobreModel

/// One template with all its parts, parsed. Immutable and shared by all renders.
public final class MessageTemplate: Sendable {
    public let manifest: TemplateManifest
    /// A short hash of all its sources, including snippets and layout.
    public let version: String
    /// The channels for which it has parts.
    public let channels: [Channel]
    /// The locales for which it has its own parts, besides the default; sorted.
    public let locales: [String]
    /// The names of its samples, for previews; sorted.
    public let sampleNames: [String]
    /// The data paths that its parts read, sorted: `customer.first_name`, `total`, …
    public let variablePaths: [String]
    /// What its author should know, though it can be used: sentences.
    public let remarks: [String]

    /// Keyed by locale in lower case. The default parts have the empty name.
    let parts: [String: TemplateParts]
    /// The files of its emails.
    let files: AttachedFiles

    /// Whether a part may read one of the links, which take time to sign.
    let readsLinks: Bool
    /// Whether a part may read `message`, `customer` (the profile) or the time. Values that no template uses are not
    /// built.
    let readsMessage: Bool
    let readsCustomer: Bool
    let readsNow: Bool

    init(
        manifest: TemplateManifest, version: String, channels: [Channel], locales: [String], sampleNames: [String],
        variablePaths: [String], remarks: [String], parts: [String: TemplateParts],
        files: AttachedFiles
    ) {
        self.manifest = manifest
        self.version = version
        self.channels = channels
        self.locales = locales
        self.sampleNames = sampleNames
        self.variablePaths = variablePaths
        self.remarks = remarks
        self.parts = parts
        self.files = files
        // Includes variables that the parts assign themselves, because they may be read first. A computed name,
        // `self[name]`, may be any variable.
        let paths = Set(parts.values.flatMap(\.templates).flatMap(\.variableUses).map(\.path))
        let readsAny = paths.contains { $0.hasPrefix("[") || $0.hasPrefix("self") }
        func reads(_ name: String) -> Bool { readsAny || paths.contains { $0.hasPrefix(name) } }
        readsLinks = MessageLinks.names.contains(where: reads)
        readsMessage = reads("message")
        readsCustomer = reads("customer")
        readsNow = reads("now")
    }

    /// The parts for a locale: `pt-BR`, then `pt`, then the default.
    func parts(for locale: String?) -> TemplateParts {
        for name in LocaleChain(locale) { if let found = parts[name] { return found } }
        return parts[""]!
    }
}
