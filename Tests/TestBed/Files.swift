import Glibc

/// The few file operations that tests need.
public enum Files {
    public static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count <= 0 { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    public static func write(_ text: String, to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard descriptor >= 0 else {
            throw TestBed.Failure("cannot write \(path): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw TestBed.Failure("cannot write \(path): \(String(cString: strerror(errno)))") }
            done += count
        }
    }

    public static func remove(_ path: String) { unlink(path) }

    /// The names in a folder, sorted, without those that begin with a dot.
    public static func list(_ folder: String) throws -> [String] {
        guard let directory = opendir(folder) else {
            throw TestBed.Failure("cannot list \(folder): \(String(cString: strerror(errno)))")
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    /// Creates a folder and its missing parents.
    public static func makeFolder(_ path: String) throws {
        var partial = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            partial += (partial.isEmpty || partial == "/" ? "" : "/") + part
            if mkdir(partial, 0o700) != 0, errno != EEXIST {
                throw TestBed.Failure("cannot make \(partial): \(String(cString: strerror(errno)))")
            }
        }
    }

    /// A new folder for one test, in the system's temporary folder.
    public static func temporaryFolder(_ name: String) throws -> String {
        var template = Array(
            "\(getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp")/sobre-\(name)-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw TestBed.Failure("cannot make a temporary folder: \(String(cString: strerror(errno)))")
        }
        return template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }

    public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// A file or folder of the repository, such as `Providers`.
    public static func shipped(_ path: String, file: String = #filePath) throws -> String {
        let root = file.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
        guard access("\(root)/\(path)", R_OK) == 0 else { throw TestBed.Failure("there is no \(path) in \(root)") }
        return "\(root)/\(path)"
    }

    /// The power-cut library that the build put beside an executable, or nil when it does not exist.
    public static func powerCutLibrary(near executable: String) -> String? {
        library("PowerCut", near: executable)
    }

    /// The library that shifts the date of a process, or nil when it does not exist.
    public static func clockShiftLibrary(near executable: String) -> String? {
        library("ClockShift", near: executable)
    }

    private static func library(_ name: String, near executable: String) -> String? {
        guard let slash = executable.lastIndex(of: "/") else { return nil }
        let path = "\(executable[..<slash])/lib\(name).so"
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// The `sobre` executable that the same build put beside this test's bundle.
    public static var builtExecutable: String? {
        if let named = getenv("SOBRE_TEST_EXECUTABLE") { return String(cString: named) }
        guard let own = realpath("/proc/self/exe", nil) else { return nil }
        defer { free(own) }
        let candidates = CommandLine.arguments + [String(cString: own)]
        for candidate in candidates {
            var folder = candidate[...]
            while let slash = folder.lastIndex(of: "/") {
                folder = folder[..<slash]
                if access("\(folder)/sobre", X_OK) == 0, !folder.hasSuffix("Sources") { return "\(folder)/sobre" }
            }
        }
        return nil
    }
}
