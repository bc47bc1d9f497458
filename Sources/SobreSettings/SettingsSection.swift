import Files
import YAMLDocument

/// One section of the settings: the file's mapping, overridden by environment variables.
///
/// `SOBRE_<SECTION>_<KEY>` overrides a key with a single value, such as `SOBRE_SERVER_PORT=8080`. It is read as YAML,
/// so that the same rules and errors apply.
struct SettingsSection {
    let name: String
    /// The folder to which relative paths of this section are resolved.
    let folder: String
    private let mapping: YAMLMapping?
    private let environment: Environment

    /// - Parameters:
    ///   - name: the section's key.
    ///   - root: the whole file.
    ///   - folder: the folder to which relative paths are resolved.
    ///   - environment: variables that override single values.
    ///   - known: all keys of the section. Other keys are errors.
    /// - Throws: `YAMLError` with the position of an unknown key.
    init(
        _ name: String, of root: YAMLMapping, folder: String, environment: Environment, known: [String]
    ) throws(YAMLError) {
        self.name = name
        self.folder = folder
        self.environment = environment
        mapping = try root.mapping(ifPresent: name)
        try mapping?.checkKeys(known: known)
    }

    /// The name of the variable that overrides a key.
    static func variable(section: String, key: String) -> String {
        "SOBRE_\(section.uppercased())_\(key.uppercased())"
    }

    subscript(key: String) -> YAMLValue? {
        get throws(YAMLError) {
            let variable = Self.variable(section: name, key: key)
            guard let text = environment[variable] else { return mapping?[key] }
            // A value that YAML would parse differently, such as a name with a colon, is taken literally.
            let document = try YAMLDocument.parse(text: "\(key): \(Self.scalar(text))\n", file: variable)
            return try document.root.mapping()[key]
        }
    }

    /// The text itself if YAML reads it as a plain scalar, else in quotes.
    private static func scalar(_ text: String) -> String {
        let plain = text.utf8.allSatisfy { byte in
            (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || "_-./+".utf8.contains(byte)
        }
        if plain { return text }
        let escaped = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case "\n": "\\n"
            case "\t": "\\t"
            default: String(scalar)
            }
        }
        return "\"" + escaped.joined() + "\""
    }

    // Each of these leaves `target` unchanged if the key is not set.

    func read(_ key: String, into target: inout String) throws(YAMLError) {
        if let value = try self[key] { target = try value.string() }
    }

    func read(_ key: String, into target: inout String?) throws(YAMLError) {
        if let value = try self[key] { target = try value.string() }
    }

    func read(path key: String, into target: inout String) throws(YAMLError) {
        guard let value = try self[key] else { return }
        target = FilePath.resolve(try value.string(), from: folder(of: key))
    }

    /// Where a relative path begins: at the settings' folder, or, when the environment names it, where the command is
    /// started.
    func folder(of key: String) -> String {
        environment[Self.variable(section: name, key: key)] != nil ? FilePath.working : folder
    }

    /// Reads one path or a list of them.
    func read(paths key: String, into target: inout [String]) throws(YAMLError) {
        guard let value = try self[key] else { return }
        let isFromEnvironment = environment[Self.variable(section: name, key: key)] != nil
        target = []
        for path in value.listOrOne {
            target.append(FilePath.resolve(try path.string(), from: isFromEnvironment ? FilePath.working : folder))
        }
    }

    func read<Target>(_ keys: [SettingsKey<Target>], into target: inout Target) throws(YAMLError) {
        for key in keys {
            if let former = key.formerName, let value = try self[former] { try key.read(value, &target) }
            if let value = try self[key.name] { try key.read(value, &target) }
        }
    }

    func read<Choice>(
        _ key: String, into target: inout Choice
    ) throws(YAMLError) where Choice: RawRepresentable<String>, Choice: CaseIterable {
        if let value = try self[key] { target = try value.choice() }
    }
}
