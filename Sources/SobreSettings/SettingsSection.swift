import Files
import YAMLDocument

/// One section of the settings: the file's mapping, with the environment's values before it.
///
/// `SOBRE_<SECTION>_<KEY>` replaces a key that holds a single value: `SOBRE_SERVER_PORT=8080`. It is read as YAML, so
/// that the same rules and the same errors hold.
struct SettingsSection {
    let name: String
    /// The folder from which relative paths of this section begin.
    let folder: String
    private let mapping: YAMLMapping?
    private let environment: Environment

    /// - Parameters:
    ///   - name: the section's key.
    ///   - root: the whole file.
    ///   - folder: where relative paths begin.
    ///   - environment: its variables replace single values.
    ///   - known: every key of the section; another one is an error.
    /// - Throws: `YAMLError` with the place of a key that is not known.
    init(
        _ name: String, of root: YAMLMapping, folder: String, environment: Environment, known: [String]
    ) throws(YAMLError) {
        self.name = name
        self.folder = folder
        self.environment = environment
        mapping = try root.mapping(ifPresent: name)
        try mapping?.checkKeys(known: known)
    }

    /// The name of the variable that replaces a key.
    static func variable(section: String, key: String) -> String {
        "SOBRE_\(section.uppercased())_\(key.uppercased())"
    }

    subscript(key: String) -> YAMLValue? {
        get throws(YAMLError) {
            let variable = Self.variable(section: name, key: key)
            guard let text = environment[variable] else { return mapping?[key] }
            // A value that YAML would take for something else, such as a name with a colon, is taken literally.
            let document = try YAMLDocument.parse(text: "\(key): \(Self.scalar(text))\n", file: variable)
            return try document.root.mapping()[key]
        }
    }

    /// The value as it was typed when YAML reads it as one plain scalar, else in quotes.
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

    // Each of these leaves `target` alone where nobody sets the key.

    func read(_ key: String, into target: inout String) throws(YAMLError) {
        if let value = try self[key] { target = try value.string() }
    }

    func read(_ key: String, into target: inout String?) throws(YAMLError) {
        if let value = try self[key] { target = try value.string() }
    }

    func read(path key: String, into target: inout String) throws(YAMLError) {
        guard let value = try self[key] else { return }
        // What the environment says is meant from where the command is started.
        let isFromEnvironment = environment[Self.variable(section: name, key: key)] != nil
        target = FilePath.resolve(try value.string(), from: isFromEnvironment ? FilePath.working : folder)
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
