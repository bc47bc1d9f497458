import Files
import SobreModel
import Text
import YAMLDocument

extension Settings {
    /// The files that are tried when no file is given, in this order.
    public static let usualPlaces = [
        "Config/sobre.yaml", "sobre.yaml", "/etc/sobre/sobre.yaml", "/etc/sobre/Config/sobre.yaml",
    ]

    /// The largest file that is read, in bytes.
    public static let maxFileBytes = 1 << 20

    /// Finds and reads the settings.
    ///
    /// - Parameters:
    ///   - path: the file given with `--config`. If nil, it is `SOBRE_CONFIG`, else the first of ``usualPlaces`` that
    ///     exists, else none: then the defaults apply, with paths relative to the working directory.
    ///   - environment: `SOBRE_<SECTION>_<KEY>` variables override single values.
    /// - Returns: the settings, with absolute paths.
    /// - Throws: ``SettingsError`` if the file cannot be read or is invalid, with the position of the mistake.
    public static func load(path: String? = nil, environment: Environment = .process) throws(SettingsError) -> Settings
    {
        guard let (found, text) = try find(path, environment) else {
            return try parse("", file: "settings", folder: FilePath.working, environment: environment)
        }
        let absolute = FilePath.resolve(found, from: FilePath.working)
        var settings = try parse(
            text, file: found, folder: FilePath.folder(of: absolute), environment: environment)
        settings.file = absolute
        return settings
    }

    /// Finds the settings and reads the data directory alone, whatever else is wrong with the file.
    ///
    /// - Parameters:
    ///   - path: as in ``load(path:environment:)``.
    ///   - environment: as in ``load(path:environment:)``.
    /// - Returns: settings with the data directory; everything else has its default.
    /// - Throws: ``SettingsError`` if the file cannot be read, or its section `data` cannot.
    public static func loadPlace(
        path: String? = nil, environment: Environment = .process
    ) throws(SettingsError) -> Settings {
        let (found, text) = try find(path, environment) ?? ("settings", "")
        let folder = FilePath.folder(of: FilePath.resolve(found, from: FilePath.working))
        do {
            var settings = Settings()
            settings.makeDefaultPathsAbsolute()
            let root = try YAMLDocument.parse(text: lines(of: "data", in: text), file: found).root.mapping()
            let section = try SettingsSection(
                "data", of: root, folder: folder, environment: environment, known: ["directory"])
            try section.read(path: "directory", into: &settings.data.directory)
            return settings
        } catch {
            throw SettingsError("\(error)")
        }
    }

    /// The lines of one section. The rest of the file may not be YAML at all.
    private static func lines(of section: String, in text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let first = lines.firstIndex(where: { $0.hasPrefix("\(section):") }) else { return "" }
        let rest = lines[(first + 1)...].prefix { $0.first.map { " \t\r#".contains($0) } ?? true }
        return ([lines[first]] + rest).joined(separator: "\n")
    }

    /// The settings' file and its text; nil if none is named and none is in the usual places.
    private static func find(
        _ path: String?, _ environment: Environment
    ) throws(SettingsError) -> (file: String, text: String)? {
        let named = path ?? environment["SOBRE_CONFIG"]
        guard let found = named ?? usualPlaces.first(where: TextFile.exists) else { return nil }
        do {
            return (found, try TextFile.readText(found, atMost: maxFileBytes))
        } catch {
            let help = named == nil ? "" : " Name the settings with --config FILE or SOBRE_CONFIG."
            throw SettingsError("\(error)\(help)")
        }
    }

    /// Reads settings from YAML.
    ///
    /// - Parameters:
    ///   - text: the YAML. An empty text gives the defaults.
    ///   - file: the name of the file in errors.
    ///   - folder: the absolute path to which relative paths in the text are resolved.
    ///   - environment: `SOBRE_<SECTION>_<KEY>` variables override single values.
    /// - Returns: the settings, with absolute paths.
    /// - Throws: ``SettingsError`` with the position of the mistake.
    public static func parse(
        _ text: String, file: String, folder: String, environment: Environment
    ) throws(SettingsError) -> Settings {
        do {
            var settings = Settings()
            try settings.read(try YAMLDocument.parse(text: text, file: file).root.mapping(), folder, environment)
            return settings
        } catch {
            throw SettingsError("\(error)")
        }
    }

    private mutating func read(
        _ root: YAMLMapping, _ folder: String, _ environment: Environment
    ) throws(YAMLError) {
        try root.checkKeys(known: Self.sections.map(\.name) + ["providers", "routes"])
        try Self.checkVariables(environment, at: root)
        var sections: [String: SettingsSection] = [:]
        for (name, keys) in Self.sections {
            sections[name] = try SettingsSection(
                name, of: root, folder: folder, environment: environment, known: keys)
        }
        makeDefaultPathsAbsolute()
        try read(places: sections["data"]!, sections["paths"]!)
        try sections["server"]!.read("host", into: &server.host)
        try read(sender: sections["sender"]!, links: sections["links"]!)
        try read(rendering: sections["rendering"]!, log: sections["log"]!)
        try read(bounds: sections)
        try readProviders(root, folder)
        try readRoutes(root)
    }

    /// Resolves default paths against the working directory, because they come from no file.
    private mutating func makeDefaultPathsAbsolute() {
        let working = FilePath.working
        data.directory = FilePath.resolve(data.directory, from: working)
        paths.templates = FilePath.resolve(paths.templates, from: working)
        paths.providers = FilePath.resolve(paths.providers, from: working)
        paths.policy = FilePath.resolve(paths.policy, from: working)
    }

    private mutating func readProviders(_ root: YAMLMapping, _ folder: String) throws(YAMLError) {
        providers =
            try root.read("providers") { value throws(YAMLError) in
                try ProviderInstance.parseAll(value, health: health)
            } ?? []
        for index in providers.indices {
            providers[index].secrets = providers[index].secrets.mapValues { $0.resolved(from: folder) }
            providers[index].receiptSecret = providers[index].receiptSecret?.resolved(from: folder)
        }
        // Paths in the settings of built-in types are relative to the file's folder, like all its paths.
        for index in providers.indices where ProviderInstance.builtInTypes.contains(providers[index].type) {
            for name in ["directory", "ca_file"] {
                guard let path = providers[index].settings[name], !path.isEmpty else { continue }
                providers[index].settings[name] = FilePath.resolve(path, from: folder)
            }
        }
    }

    private mutating func readRoutes(_ root: YAMLMapping) throws(YAMLError) {
        guard let mapping = try root.mapping(ifPresent: "routes") else { return }
        try mapping.checkKeys(known: Channel.names)
        for entry in mapping.entries {
            routes[Channel(name: entry.key)!] = try ProviderRoute(entry.value, known: providers.map(\.name))
        }
    }

    /// Rejects a `SOBRE_` variable that sets nothing, because a typo would go unnoticed.
    private static func checkVariables(_ environment: Environment, at root: YAMLMapping) throws(YAMLError) {
        var known: Set<String> = ["SOBRE_CONFIG", "SOBRE_API_KEY"]
        for (name, keys) in sections {
            for key in keys { known.insert(SettingsSection.variable(section: name, key: key)) }
        }
        for name in environment.names.sorted() where name.hasPrefix("SOBRE_") && !known.contains(name) {
            let meant = Suggestion.closest(to: name, among: known.sorted())
            // Other names may be the operator's own, such as a secret that a provider refers to.
            let isOurs = sections.contains { name.hasPrefix("SOBRE_\($0.name.uppercased())_") }
            guard isOurs || meant != nil else { continue }
            throw YAMLError(
                file: "environment", line: 0, column: 0, message: "the variable \(name) sets nothing",
                help: meant.map { "did you mean \($0)?" } ?? "the names are SOBRE_<SECTION>_<KEY>")
        }
    }
}
