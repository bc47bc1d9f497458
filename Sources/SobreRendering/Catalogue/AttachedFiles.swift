internal import SobreModel
internal import SobreSettings

/// The files that a template attaches, by locale.
struct AttachedFiles: Sendable {
    /// Keyed by locale in lower case. The template's own files have the empty name.
    private var byLocale: [String: [EmailContent.Attachment]] = ["": []]

    /// Reads the files that a manifest names.
    ///
    /// - Parameters:
    ///   - manifest: the template's manifest.
    ///   - own: the files in the template's folder.
    ///   - files: reads them.
    ///   - limits: what emails may hold.
    /// - Throws: ``TemplateError`` when a file is missing, cannot be read or may not be sent.
    init(
        of manifest: TemplateManifest, own: [(path: String, name: String)], _ files: TemplateFiles,
        _ limits: AttachmentLimits
    ) throws(TemplateError) {
        isEmpty = manifest.attachments.isEmpty
        if isEmpty { return }
        // By locale and the path inside its folder. The first part of a path is a locale or an ordinary folder.
        var paths: [String: [String: String]] = [:]
        for (path, name) in own {
            paths["", default: [:]][name] = path
            guard let slash = name.firstIndex(of: "/"), let locale = LocaleName.normal(name[..<slash]) else { continue }
            paths[locale, default: [:]][String(name[name.index(after: slash)...])] = path
        }
        let wanted = Set(manifest.attachments.map(\.file))
        let locales = paths.keys.filter { locale in
            locale.isEmpty || paths[locale]?.keys.contains(where: wanted.contains) == true
        }
        let place = files.displayPath("\(manifest.name)/template.yaml")
        var read: [String: [UInt8]] = [:]
        for locale in locales.sorted() {
            var list: [EmailContent.Attachment] = []
            for declared in manifest.attachments {
                guard let path = LocaleChain(locale).lazy.compactMap({ paths[$0]?[declared.file] }).first else {
                    throw TemplateError(
                        "\(place): attachments names \(declared.file), which is not in \(files.displayPath(manifest.name))."
                    )
                }
                let bytes: [UInt8]
                if let known = read[path] {
                    bytes = known
                } else {
                    bytes = try files.readBytes(path, atMost: limits.maxBytes, "of attachments.max_file")
                    read[path] = bytes
                }
                let file = EmailContent.Attachment(
                    filename: declared.name, contentType: declared.contentType, content: bytes,
                    contentID: declared.contentID)
                if let problem = limits.problem(in: file) {
                    throw TemplateError("\(place): attachments, \(declared.file): \(problem.sentence)")
                }
                list.append(file)
            }
            if let problem = limits.problem(inAll: list) { throw TemplateError("\(place): attachments: \(problem)") }
            byLocale[locale] = list
        }
    }

    /// Whether the template attaches nothing.
    let isEmpty: Bool

    /// The files for a locale: each from the most specific folder that has it.
    func files(for locale: String?) -> [EmailContent.Attachment] {
        for name in LocaleChain(locale) { if let found = byLocale[name] { return found } }
        return []
    }

    /// Adds everything that recipients get to a template's version.
    func combine(into version: inout StableHash) {
        for locale in byLocale.keys.sorted() {
            for file in byLocale[locale]! {
                version.combine(locale)
                version.combine(file.filename)
                version.combine(file.digest)
            }
        }
    }
}
