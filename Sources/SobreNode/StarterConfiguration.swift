public import Files
import StarterFiles

/// The shipped settings, policy, providers and templates, which are in the binary: a configuration to start from.
public enum StarterConfiguration {
    /// The files with their paths from the configuration's folder, settings and policy first.
    public static var files: [(path: String, bytes: [UInt8])] {
        var files: [(path: String, bytes: [UInt8])] = []
        while let file = starter_file_at(files.count)?.pointee {
            // The bytes are a constant of the binary, and the table says how many they are.
            let bytes = Array(UnsafeRawBufferPointer(start: file.bytes, count: file.size))
            files.append((String(cString: file.path), bytes))
        }
        return files
    }

    /// Writes the files into a folder, which is made if it is not there. Nothing is replaced.
    ///
    /// - Parameter folder: the folder.
    /// - Returns: the paths of the files that were there already, of which none was changed; if not empty, nothing was
    ///   written.
    /// - Throws: `FileError` for the file that cannot be written.
    public static func write(to folder: String) throws(FileError) -> [String] {
        let files = files
        let present = files.map { "\(folder)/\($0.path)" }.filter { TextFile.exists($0) }
        guard present.isEmpty else { return present }
        for file in files {
            let path = "\(folder)/\(file.path)"
            try Folder.make(String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]), mode: 0o755)
            try TextFile.create(path, with: file.bytes, mode: 0o644)
        }
        return []
    }
}
