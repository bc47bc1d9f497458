internal import Liquid
internal import SobreModel
internal import SobreSettings
internal import Text
internal import YAMLDocument

/// Builds a snapshot from the files of a template folder.
struct TemplateLoader {
    private let files: TemplateFiles
    private let shared: SharedSources
    private let attachments: AttachmentLimits

    /// The prefix of folders that are not templates.
    private static let sharedPrefix = "_"

    static func load(_ files: TemplateFiles, _ attachments: AttachmentLimits) throws(TemplateError) -> CatalogueSnapshot
    {
        var entries: [String: CatalogueSnapshot.Entry] = [:]
        for link in files.outside {
            let error = TemplateError(
                "\(files.displayPath(link.path)) is a link to \(link.target), outside of the templates. Copy it, or list "
                    + "that folder in paths.template_links.")
            guard let folder = link.path.split(separator: "/").first, !folder.hasPrefix(sharedPrefix) else {
                throw error
            }
            entries[String(folder)] = .broken(error)
        }
        let loader = TemplateLoader(files: files, shared: try SharedSources(files), attachments: attachments)
        for folder in files.folders where !folder.hasPrefix(sharedPrefix) && entries[folder] == nil {
            do throws(TemplateError) {
                entries[folder] = .ready(try loader.template(folder))
            } catch {
                entries[folder] = .broken(error)
            }
        }
        return CatalogueSnapshot(entries: entries, signature: files.signature)
    }

    private func template(_ folder: String) throws(TemplateError) -> MessageTemplate {
        let own = files.under(folder)
        guard let manifestPath = own.first(where: { $0.name == "template.yaml" })?.path else {
            throw TemplateError(
                "\(files.displayPath(folder)) has no template.yaml; add one with at least \"channels: [email]\".")
        }
        var version = StableHash()
        let manifestBytes = try files.read(manifestPath)
        version.combine(manifestBytes)
        let manifest: TemplateManifest
        do {
            manifest = try TemplateManifest(
                text: String(decoding: manifestBytes, as: UTF8.self), file: files.displayPath(manifestPath),
                folder: folder)
        } catch {
            throw TemplateError(error)
        }

        var sources: [String: [String: LocatedSource]] = [:]
        for (path, name) in own {
            guard let (locale, part) = try Self.place(of: name, path: files.displayPath(path)) else { continue }
            let bytes = try files.read(path)
            version.combine(name)
            version.combine(bytes)
            if let other = sources[locale]?[part] {
                throw TemplateError(
                    "\(files.displayPath(path)) and \(other.file) are for the same locale; remove one of them.")
            }
            sources[locale, default: [:]][part] = LocatedSource(bytes: bytes, file: files.displayPath(path))
        }
        let used = UsedSources()
        var parts: [String: TemplateParts] = [:]
        var remarks: [String] = []
        for locale in Set(sources.keys).union([""]).sorted() {
            let words = Translations(of: locale, in: sources, folder: files.displayPath(folder))
            if !locale.isEmpty { remarks += words.remarks }
            // Without a default there is no whole channel to fall back to.
            let found = locale.isEmpty ? Self.located(sources[""] ?? [:]) : words.files
            parts[locale] = try parse(found, manifest: manifest, used: used)
        }
        for source in used.sorted { version.combine(source.bytes) }
        let attached = try AttachedFiles(of: manifest, own: own, files, attachments)
        attached.combine(into: &version)
        return try finish(manifest, parts, attached, version: version.keyHash, own: own, remarks: remarks)
    }

    private func finish(
        _ manifest: TemplateManifest, _ parts: [String: TemplateParts], _ attached: AttachedFiles, version: KeyHash,
        own: [(path: String, name: String)], remarks: [String]
    ) throws(TemplateError) -> MessageTemplate {
        let channels = parts[""]!.channels
        let file = files.displayPath("\(manifest.name)/template.yaml")
        guard !channels.isEmpty else {
            throw TemplateError(
                "\(file): the template has no content. Add "
                    + Channel.allCases.map(TemplateParts.files).joined(separator: ", or ") + ".")
        }
        for channel in manifest.channels where !channels.contains(channel) {
            throw TemplateError("\(file): channels lists \(channel), but this folder has no content for it.")
        }
        if !manifest.attachments.isEmpty, !channels.contains(where: { $0.form == .mail }) {
            throw TemplateError("\(file): attachments belong to emails, but this folder has no content for email.")
        }
        var manifest = manifest
        if manifest.channels.isEmpty { manifest.channels = channels }
        let paths = Set(parts.values.flatMap { $0.templates }.flatMap { $0.variablePaths })
        let samples = own.compactMap { file -> String? in
            guard file.name.hasPrefix("samples/"), file.name.hasSuffix(".json") else { return nil }
            return String(file.name.dropFirst("samples/".count).dropLast(".json".count))
        }
        let digits = String(version.rawValue >> 32, radix: 16)
        return MessageTemplate(
            manifest: manifest, version: String(repeating: "0", count: 8 - digits.count) + digits, channels: channels,
            locales: parts.keys.filter { !$0.isEmpty }.sorted(), sampleNames: samples.sorted(),
            variablePaths: paths.sorted(), remarks: remarks, parts: parts, files: attached)
    }

    /// The files that a template may have, beside `template.yaml` and the samples.
    static let partNames = TemplatePart.all.map(\.file)

    /// The locale and part of a file; nil for files that are not parts. A misspelt name is an error.
    private static func place(of name: String, path: String) throws(TemplateError) -> (locale: String, part: String)? {
        let steps = name.split(separator: "/")
        guard name.hasSuffix(".liquid") else { return nil }
        let part = String(steps.last!)
        guard partNames.contains(part), steps.count <= 2 else {
            let meant = Suggestion.closest(to: part, among: partNames).map { " Did you mean \($0)?" } ?? ""
            throw TemplateError("\(path) is not a known template file.\(meant)")
        }
        guard steps.count == 2 else { return ("", part) }
        let folder = String(steps[0])
        guard let locale = LocaleName.normal(folder) else {
            throw TemplateError(
                "\(path): \"\(folder)\" is not a locale. A folder of translations has the name of its language, such as fr "
                    + "or pt-BR.\(LocaleName.suggestion(for: folder))")
        }
        return (locale, part)
    }

    private static func located(_ sources: [String: LocatedSource]) -> [String: Translations.File] {
        sources.mapValues { Translations.File(source: $0, locale: "") }
    }

    private func parse(
        _ files: [String: Translations.File], manifest: TemplateManifest, used: UsedSources
    ) throws(TemplateError) -> TemplateParts {
        var parts = TemplateParts()
        for part in TemplatePart.all {
            guard let (source, locale) = files[part.file].map({ ($0.source, $0.locale) }) else { continue }
            switch part.medium {
            case .text:
                parts[part] = TemplateParts.Words(body: try parse(source, snippets(.text, locale, used)))
            case .html:
                parts[part] = TemplateParts.Words(
                    body: try html(source, locale: locale, layout: manifest.layout, used: used))
            case .fields(let rules): parts[part] = try fields(source, rules, snippets(.text, locale, used))
            }
        }
        if let half = parts.halfChannel {
            throw TemplateError(
                "\(self.files.displayPath(manifest.name)) has only a part of \(half.singular). It needs "
                    + "\(TemplateParts.files(of: half)).")
        }
        return parts
    }

    private func html(
        _ content: LocatedSource, locale: String, layout: String?, used: UsedSources
    ) throws(TemplateError) -> Template {
        var sources = snippets(.html, locale, used)
        guard let layout else { return try parse(content, sources) }
        guard let frame = shared.layout(layout, locale: locale) else {
            let known = shared.layoutNames
            throw TemplateError(
                "There is no layout \"\(layout)\" in _layouts. "
                    + (known.isEmpty ? "Remove \"layout:\"." : "Use one of \(known.joined(separator: ", "))."))
        }
        used.add(frame)
        // Parsed separately first, so that an error is reported at once and in the template's own file.
        _ = try parse(content, sources)
        sources.content = content
        return try parse(frame, sources)
    }

    private func fields(
        _ source: LocatedSource, _ rules: TemplatePart.Fields, _ snippets: SnippetSources
    ) throws(TemplateError) -> TemplateParts.Words {
        let split = try PartSource(source.bytes, file: source.file, rules)
        var fields: [TemplateParts.Words.Field] = []
        for field in split.fields {
            let template = try parse(LocatedSource(bytes: field.source, file: source.file), snippets)
            fields.append(.init(name: field.name, template: template))
        }
        return TemplateParts.Words(
            fields: fields, body: try parse(LocatedSource(bytes: split.body, file: source.file), snippets))
    }

    private func snippets(_ medium: SnippetSources.Medium, _ locale: String, _ used: UsedSources) -> SnippetSources {
        SnippetSources(shared: shared, medium: medium, locale: locale, used: used)
    }

    private func parse(_ source: LocatedSource, _ snippets: SnippetSources) throws(TemplateError) -> Template {
        do throws(LiquidError) {
            let template = try Template.parse(source: source.bytes, name: source.file, catalogue: snippets)
            if let problem = template.problems.first { throw problem }
            return template
        } catch {
            throw TemplateError(error)
        }
    }
}
