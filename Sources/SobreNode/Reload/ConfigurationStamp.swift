import Files
import SobreSettings

/// The state of the files that settings and providers are read from: the settings' text, and of the manifests and the
/// files with credentials their names, sizes and times. It changes whenever one of them is written.
struct ConfigurationStamp: Hashable, Sendable {
    private var text: String?
    private var entries: [String: Folder.Entry] = [:]

    /// - Parameter settings: name the files.
    init(of settings: Settings) {
        self.init(
            of: settings, text: settings.file.flatMap { try? TextFile.readText($0, atMost: Settings.maxFileBytes) })
    }

    /// - Parameters:
    ///   - settings: name the files.
    ///   - text: the settings' text, which was read already.
    init(of settings: Settings, text: String?) {
        self.text = text
        for entry in (try? Folder.entries(in: settings.paths.providers)) ?? []
        where ManifestFolder.isManifest(entry.name) { entries[entry.name] = entry }
        for instance in settings.providers {
            for case .file(let path) in Array(instance.secrets.values) + [instance.receiptSecret].compactMap(\.self) {
                entries[path] = Folder.entry(at: path)
            }
        }
    }
}
