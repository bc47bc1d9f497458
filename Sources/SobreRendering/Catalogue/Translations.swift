internal import SobreModel

/// The files of one template in one locale, with the locale whose words each of them holds.
///
/// A message is in one language: each channel is taken whole, either from the locale and its more general ones (`fr-CA`,
/// then `fr`) or from the template's own folder.
struct Translations {
    struct File {
        var source: LocatedSource
        /// Also selects snippets and the layout. Empty for the template's own folder.
        var locale: String
    }

    private(set) var files: [String: File] = [:]
    /// Translations that are not used because a file is missing.
    private(set) var remarks: [String] = []

    /// - Parameters:
    ///   - locale: empty for the template's own folder.
    ///   - sources: all files by locale and name.
    ///   - folder: how reports call the template's folder.
    init(of locale: String, in sources: [String: [String: LocatedSource]], folder: String) {
        let own = sources[""] ?? [:]
        var translated: [String: LocatedSource] = [:]
        for name in Array(LocaleChain(locale)).reversed() where !name.isEmpty {
            translated.merge(sources[name] ?? [:]) { $1 }
        }
        for channel in Channel.allCases {
            let found = channel.parts.filter { translated[$0.file] != nil }
            if !found.isEmpty, TemplateParts.isComplete(channel, has: { translated[$0.file] != nil }) {
                for part in found { files[part.file] = translated[part.file].map { File(source: $0, locale: locale) } }
                continue
            }
            if let first = found.first {
                remarks.append(
                    "\(folder)/\(locale) is not used for \(channel): it has \(first.file), but needs "
                        + "\(TemplateParts.files(of: channel)). Add what is missing.")
            }
            for part in channel.parts { files[part.file] = own[part.file].map { File(source: $0, locale: "") } }
        }
    }
}
