internal import Liquid
internal import SobreModel
import Synchronization

/// A text with the name of its file.
struct LocatedSource: Sendable, Hashable {
    var bytes: [UInt8]
    var file: String
}

/// The sources that all templates share: `_snippets/` and `_layouts/`, with overrides in locale folders.
struct SharedSources: Sendable {
    /// By path relative to the shared folder, such as `footer.html.liquid` or `fr/footer.html.liquid`.
    private var snippets: [String: LocatedSource] = [:]
    private var layouts: [String: LocatedSource] = [:]

    init(_ files: TemplateFiles) throws(TemplateError) {
        snippets = try Self.read("_snippets", files)
        layouts = try Self.read("_layouts", files)
    }

    private static func read(_ folder: String, _ files: TemplateFiles) throws(TemplateError) -> [String: LocatedSource]
    {
        var found: [String: LocatedSource] = [:]
        for (path, name) in files.under(folder) where name.hasSuffix(".liquid") {
            found[key(of: name)] = LocatedSource(bytes: try files.read(path), file: files.displayPath(path))
        }
        return found
    }

    /// The name in lower case; the folder of a locale in the form in which it is looked for.
    private static func key(of name: String) -> String {
        guard let slash = name.firstIndex(of: "/"), let locale = LocaleName.normal(name[..<slash]) else {
            return name.lowercased()
        }
        return locale + name[slash...].lowercased()
    }

    /// The snippet for a medium (`.html` or `.text`) and locale: the most specific file that exists.
    func snippet(_ name: String, ending: String, locale: String) -> LocatedSource? {
        let name = name.lowercased()
        for place in LocaleChain(locale) {
            let folder = place.isEmpty ? "" : place + "/"
            if let found = snippets["\(folder)\(name).\(ending).liquid"] ?? snippets["\(folder)\(name).liquid"] {
                return found
            }
        }
        return nil
    }

    func layout(_ name: String, locale: String) -> LocatedSource? {
        for place in LocaleChain(locale) {
            if let found = layouts["\(place.isEmpty ? "" : place + "/")\(name.lowercased()).liquid"] { return found }
        }
        return nil
    }

    var layoutNames: [String] { Self.names(layouts) }
    var snippetNames: [String] { Self.names(snippets) }

    /// The names as used in templates: without locale folder and file endings.
    private static func names(_ sources: [String: LocatedSource]) -> [String] {
        let bare = sources.keys.compactMap { path in
            path.split(separator: "/").last?.split(separator: ".").first.map(String.init)
        }
        return Set(bare).sorted()
    }
}

/// The snippets visible to one part of one template.
struct SnippetSources: Catalogue {
    enum Medium: String, Sendable { case html, text }

    let shared: SharedSources
    let medium: Medium
    let locale: String
    let used: UsedSources
    /// The template's own HTML, if a layout surrounds it: `{% include 'content' %}`.
    var content: LocatedSource?

    /// The name under which a layout includes the template's HTML.
    static let contentName = "content"

    func source(named name: String) -> [UInt8]? {
        if name == Self.contentName, let content { return content.bytes }
        guard let found = shared.snippet(name, ending: medium.rawValue, locale: locale) else { return nil }
        used.add(found)
        return found.bytes
    }

    var names: [String] { shared.snippetNames + (content == nil ? [] : [Self.contentName]) }
}

/// Collects the shared files that a template uses, for its version.
final class UsedSources: Sendable {
    private let sources = Mutex<Set<LocatedSource>>([])

    func add(_ source: LocatedSource) { sources.withLock { _ = $0.insert(source) } }

    var sorted: [LocatedSource] { sources.withLock { $0.sorted { $0.file < $1.file } } }
}
