import Files
import SobreDelivery
import SobreSettings
import SobreWire

/// The settings, manifests and credentials as they are now on the disk. Nothing of it is in force.
struct ConfigurationReading {
    /// The state that would take the place of the one in force.
    private(set) var next: ConfigurationInForce.State
    /// What differs by the settings' keys.
    private(set) var changes: SettingsChanges
    /// The providers that are defined in another way than before, by whatever file, or are new.
    private(set) var changedProviders: Set<String>

    /// Whether something differs from what is in force, or waits for a restart since this reading.
    let isNews: Bool

    /// What a reload reports as changed.
    var changed: [String] {
        changes.live + changedProviders.map { "providers.\($0)" }.filter { !changes.live.contains($0) }.sorted()
    }

    /// Reads the files.
    ///
    /// - Parameters:
    ///   - current: what is in force.
    ///   - environment: may hold settings and credentials.
    ///   - transport: fetches what receipts are verified with.
    /// - Throws: ``ReloadRefusal`` that names the invalid files.
    init(
        replacing current: ConfigurationInForce.State, environment: Environment, transport: any Transport
    ) throws(ReloadRefusal) {
        let (read, text) = try Self.settings(current.read, environment)
        let settings = current.settings.adoptingLive(of: read)
        // Before the files are read, so that a change meanwhile is seen later.
        let stamp = ConfigurationStamp(of: settings, text: text)
        let setup: ProviderSetup
        do {
            setup = try ProviderSetup(
                settings: settings, environment: environment, transport: transport, keeping: current.setup)
        } catch {
            let folder = settings.paths.providers
            let isSame = folder == current.settings.paths.providers
            throw ReloadRefusal(FilePath.forDisplay(isSame ? folder : current.read.file ?? folder), "\(error)")
        }
        // A provider that does not work yet keeps nothing else from being changed.
        let faults =
            setup.faults.filter { current.setup.faults[$0.key] == nil }.map(\.value)
            + setup.receiptFaults.filter { current.setup.receiptFaults[$0.key] == nil }.map(\.value)
        guard faults.isEmpty else {
            let place = current.read.file ?? settings.paths.providers
            throw ReloadRefusal(FilePath.forDisplay(place), Set(faults).sorted().joined(separator: " "))
        }
        try Self.checkStart(read, current.read, environment)
        changes = current.read.changes(to: read)
        changedProviders = setup.changed(since: current.setup)
        next = ConfigurationInForce.State(
            settings: settings, read: current.read.adoptingLive(of: read), setup: setup,
            stamp: stamp)
        next.pendingRestart = changes.restart
        isNews = !changes.live.isEmpty || !changedProviders.isEmpty || changes.restart != current.pendingRestart
    }

    /// Checks what only the next start would use, with the code of the start.
    private static func checkStart(
        _ read: Settings, _ current: Settings, _ environment: Environment
    ) throws(ReloadRefusal) {
        do {
            _ = try LinkMaker(settings: read, environment: environment, creates: false)
            _ = try OpenFiles.fit(read, into: min(OpenFiles.allowed, OpenFiles.needed(by: read)))
            // The folder in force is watched anyway.
            if read.paths.templates != current.paths.templates { _ = try read.templateCatalogue() }
        } catch {
            throw ReloadRefusal(
                FilePath.forDisplay(read.file ?? read.data.directory), "\(error) The next start would fail.")
        }
    }

    /// The settings of the file, or those of the start where there is none.
    private static func settings(
        _ current: Settings, _ environment: Environment
    ) throws(ReloadRefusal) -> (Settings, text: String?) {
        guard let path = current.file else { return (current, nil) }
        do {
            let text = try TextFile.readText(path, atMost: Settings.maxFileBytes)
            var settings = try Settings.parse(
                text, file: FilePath.forDisplay(path), folder: FilePath.folder(of: path), environment: environment)
            settings.file = path
            return (settings, text)
        } catch {
            throw ReloadRefusal(FilePath.forDisplay(path), "\(error)")
        }
    }
}
