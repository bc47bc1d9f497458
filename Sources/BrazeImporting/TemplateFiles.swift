import Files
import Glibc
import TerminalOutput

/// The files that an import was given.
enum TemplateFiles {
    /// One template to read.
    struct Input: Equatable {
        /// `-` is standard input.
        var path: String
        /// Where its result stands below the folder for results.
        var relativePath: String

        func read(atMost limit: Int) throws(FileError) -> String {
            guard path == "-" else { return try TextFile.readText(path, atMost: limit) }
            return try InputFile(path).readText(atMost: limit)
        }
    }

    /// Folders deeper than this are passed over.
    static let maxDepth = 16

    private static let extensions = [".liquid", ".html", ".htm", ".txt"]

    /// Every template in what was named, folders in the order of their names.
    static func find(_ names: [String]) throws -> [Input] {
        var inputs: [Input] = []
        for name in names {
            guard name != "-", Folder.exists(name) else {
                inputs.append(Input(path: name, relativePath: name == "-" ? "template.liquid" : lastPart(name)))
                continue
            }
            var folder = name
            while folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
            let before = inputs.count
            try collect(folder, "", 0, &inputs)
            guard inputs.count > before else {
                throw CommandFailure(.noInput, "There is no template (.liquid, .html, .htm, .txt) in \(name).")
            }
        }
        return inputs
    }

    private static func collect(
        _ folder: String, _ prefix: String, _ depth: Int, _ inputs: inout [Input]
    ) throws(FileError) {
        guard depth < maxDepth else { return }
        for name in try Folder.names(in: folder) where !name.hasPrefix(".") {
            let path = "\(folder)/\(name)"
            if Folder.exists(path) {
                try collect(path, prefix + name + "/", depth + 1, &inputs)
            } else if extensions.contains(where: name.hasSuffix) {
                inputs.append(Input(path: path, relativePath: prefix + name))
            }
        }
    }

    private static func lastPart(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    /// Writes a whole file at once, with the rights of the one that it replaces.
    static func write(_ text: String, to path: String) throws(FileError) {
        var info = stat()
        let mode = stat(path, &info) == 0 ? info.st_mode & 0o777 : 0o644
        try TextFile.replace(path, with: text)
        guard chmod(path, mode) == 0 else { throw FileError("write", path, errno) }
    }

    /// Makes the folders that lead to a file.
    static func makeFolders(for path: String) throws(FileError) {
        // The results are for whoever may read the originals.
        try Folder.make(FilePath.folder(of: path), mode: 0o755)
    }
}
