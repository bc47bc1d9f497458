internal import Liquid
public import SobreModel

/// One template with all its words, parsed: immutable, shared by all renders.
public final class MessageTemplate: Sendable {
    public let manifest: TemplateManifest
    /// A short hash of every source that it is made of, snippets and layout included.
    public let version: String
    /// The channels it has words for.
    public let channels: [Channel]
    /// The locales it has words of its own for, beside the default ones; sorted.
    public let locales: [String]
    /// The names of its samples, for previews; sorted.
    public let sampleNames: [String]
    /// The paths of data that its words read, sorted: `customer.first_name`, `total`, …
    public let variablePaths: [String]

    /// By locale in lower case; the default words under the empty name.
    let parts: [String: TemplateParts]

    /// Whether some of its words may read one of the links, which take time to sign.
    let readsLinks: Bool
    /// Whether some of its words may read `message`, what is known of the person as `customer`, or the time: what nobody
    /// reads is not made.
    let readsMessage: Bool
    let readsCustomer: Bool
    let readsNow: Bool

    init(
        manifest: TemplateManifest, version: String, channels: [Channel], locales: [String], sampleNames: [String],
        variablePaths: [String], parts: [String: TemplateParts]
    ) {
        self.manifest = manifest
        self.version = version
        self.channels = channels
        self.locales = locales
        self.sampleNames = sampleNames
        self.variablePaths = variablePaths
        self.parts = parts
        // Also what the words set themselves: it may be read before. A name that is computed may be any: `self[name]`.
        let paths = Set(parts.values.flatMap(\.templates).flatMap(\.variableUses).map(\.path))
        let readsAny = paths.contains { $0.hasPrefix("[") || $0.hasPrefix("self") }
        func reads(_ name: String) -> Bool { readsAny || paths.contains { $0.hasPrefix(name) } }
        readsLinks = MessageLinks.names.contains(where: reads)
        readsMessage = reads("message")
        readsCustomer = reads("customer")
        readsNow = reads("now")
    }

    /// The words for a locale: `pt-BR`, then `pt`, then the default ones.
    func parts(for locale: String?) -> TemplateParts {
        for name in LocaleChain(locale) { if let found = parts[name] { return found } }
        return parts[""]!
    }
}

/// The names under which words for a locale are looked for, most special first, the default (empty) name last.
struct LocaleChain: Sequence, IteratorProtocol {
    private var rest: String?

    init(_ locale: String?) { rest = locale.map { $0.lowercased().replacing("_", with: "-") } ?? "" }

    mutating func next() -> String? {
        guard let name = rest else { return nil }
        if name.isEmpty {
            rest = nil
        } else {
            rest = name.lastIndex(of: "-").map { String(name[..<$0]) } ?? ""
        }
        return name
    }
}
