internal import Files
internal import SobreModel

/// The files in a template folder: their names, their state and their bytes.
struct TemplateFiles {
    /// The most files in a folder.
    static let maxFiles = 20_000
    /// The largest file, in bytes.
    static let maxFileBytes = 1 << 20
    /// The deepest nesting of folders.
    static let maxDepth = 4

    /// One file, with the values that change when it is written.
    struct Entry: Hashable {
        /// Relative to the root of the templates, separated by `/`.
        var path: String
        var size: Int64
        var modifiedAtNanoseconds: Int64
    }

    /// A symbolic link that leads out of the templates.
    struct Outside: Hashable {
        /// Relative to the root of the templates.
        var path: String
        var target: String
    }

    let root: String
    /// Sorted by path.
    private(set) var entries: [Entry] = []
    /// The links that were not followed.
    private(set) var outside: [Outside] = []
    /// The real folders that links may lead into.
    private let allowed: [String]

    /// Lists the files under `root`, without hidden files and editors' backups (`name~`).
    ///
    /// - Parameters:
    ///   - root: the folder of the templates.
    ///   - linked: other folders that symbolic links may lead into.
    /// - Throws: ``TemplateError`` when a folder cannot be read or holds too many files.
    init(root: String, linked: [String]) throws(TemplateError) {
        self.root = root
        allowed = ([root] + linked).compactMap { Folder.realPath(of: $0) }
        try list(root, prefix: "", depth: 0)
        entries.sort { $0.path < $1.path }
    }

    /// Changes whenever a file is added, removed or written.
    var signature: KeyHash {
        var hash = StableHash()
        for entry in entries {
            hash.combine(entry.path)
            hash.combine(KeyHash(rawValue: UInt64(bitPattern: entry.size)))
            hash.combine(KeyHash(rawValue: UInt64(bitPattern: entry.modifiedAtNanoseconds)))
        }
        for link in outside {
            hash.combine(link.path)
            hash.combine(link.target)
        }
        return hash.keyHash
    }

    /// The files in a folder and its subfolders, with their paths relative to that folder.
    func under(_ folder: String) -> [(path: String, name: String)] {
        let prefix = folder + "/"
        return entries.filter { $0.path.hasPrefix(prefix) }.map { ($0.path, String($0.path.dropFirst(prefix.count))) }
    }

    /// The names of the folders directly under the root.
    var folders: [String] {
        var names: [String] = []
        for entry in entries {
            guard let slash = entry.path.firstIndex(of: "/") else { continue }
            let name = String(entry.path[..<slash])
            if names.last != name, !names.contains(name) { names.append(name) }
        }
        return names
    }

    /// Reads a file, which must be UTF-8. A byte order mark is removed.
    func read(_ path: String) throws(TemplateError) -> [UInt8] {
        var bytes = try readBytes(path, atMost: Self.maxFileBytes, "for a template's file")
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw TemplateError("\(displayPath(path)) is not UTF-8 text; save it as UTF-8.")
        }
        guard !bytes.contains(0) else {
            throw TemplateError("\(displayPath(path)) has a zero byte; remove it, or save the file as UTF-8.")
        }
        return bytes
    }

    /// Reads a file of any kind.
    ///
    /// - Parameters:
    ///   - path: the path relative to the root.
    ///   - limit: the most bytes.
    ///   - rule: where the limit comes from, for the error.
    /// - Returns: the bytes.
    /// - Throws: ``TemplateError`` when the file cannot be read or is larger.
    func readBytes(_ path: String, atMost limit: Int, _ rule: String) throws(TemplateError) -> [UInt8] {
        let bytes: [UInt8]
        do { bytes = try TextFile.readStart(of: "\(root)/\(path)", atMost: limit + 1) } catch {
            throw TemplateError("Cannot read \(displayPath(path)): \(FileError.reason(error.code)).")
        }
        guard bytes.count <= limit else {
            throw TemplateError("\(displayPath(path)) has more than \(limit) bytes, the limit \(rule).")
        }
        return bytes
    }

    /// The name of a file in errors: its path, starting with the templates' folder.
    func displayPath(_ path: String) -> String { "\(Self.shortened(root))/\(path)" }

    private func isAllowed(_ target: String) -> Bool {
        allowed.contains { target == $0 || target.hasPrefix($0 + "/") }
    }

    private static func shortened(_ root: String) -> Substring { root.split(separator: "/").last ?? "." }

    private mutating func list(_ folder: String, prefix: String, depth: Int) throws(TemplateError) {
        let items: [Folder.Entry]
        do { items = try Folder.entries(in: folder) } catch {
            throw TemplateError(
                "Cannot read the template folder \(folder): \(FileError.reason(error.code)). "
                    + "Set paths.templates to the folder that holds the templates.")
        }
        for item in items where !item.name.hasSuffix("~") {
            if item.isLink, let target = Folder.realPath(of: "\(folder)/\(item.name)"), !isAllowed(target) {
                outside.append(Outside(path: prefix + item.name, target: target))
                continue
            }
            switch item.kind {
            case .folder where depth + 1 < Self.maxDepth:
                try list("\(folder)/\(item.name)", prefix: "\(prefix)\(item.name)/", depth: depth + 1)
            case .file:
                guard entries.count < Self.maxFiles else {
                    throw TemplateError(
                        "The template folder holds more than \(Self.maxFiles) files; move some elsewhere.")
                }
                entries.append(
                    Entry(
                        path: prefix + item.name, size: item.size, modifiedAtNanoseconds: item.modifiedAtNanoseconds))
            case .folder, .other: continue
            }
        }
    }
}
