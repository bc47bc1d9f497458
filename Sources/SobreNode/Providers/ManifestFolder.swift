import Files
import SobreProviders
import SobreSettings
import YAMLDocument

/// The manifests of a folder, read once.
struct ManifestFolder {
    /// Ordered by file name.
    private(set) var manifests: [Manifest] = []
    /// The text of the file that holds a manifest, by the manifest's name.
    private(set) var texts: [String: String] = [:]

    /// - Parameter folder: the folder.
    /// - Throws: `YAMLError` with the place of a mistake, or an error that names the folder or file that cannot be read.
    init(_ folder: String) throws {
        for name in try Self.fileNames(in: folder) where Self.isManifest(name) {
            let path = "\(folder)/\(name)"
            let text = try TextFile.readText(path)
            for manifest in try Manifest.parseAll(text: text, file: FilePath.forDisplay(path)) {
                manifests.append(manifest)
                texts[manifest.name] = text
            }
        }
    }

    static func isManifest(_ name: String) -> Bool { name.hasSuffix(".yaml") }

    private static func fileNames(in folder: String) throws -> [String] {
        do { return try Folder.names(in: folder) } catch {
            throw SettingsError("The folder of provider manifests, \(folder), cannot be read; set paths.providers.")
        }
    }
}
