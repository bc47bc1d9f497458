#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Gives a new directory and removes it with all its files afterwards. Subdirectories are not made here.
public func withTemporaryDirectory<Value>(
    _ body: (String) async throws -> Value
) async throws -> Value {
    var template = Array("/tmp/sobre-store-XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) != nil }
    precondition(made, "no temporary directory can be made")
    let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { remove(directory) }
    return try await body(directory)
}

private func remove(_ directory: String) {
    if let entries = opendir(directory) {
        while let entry = readdir(entries) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { unlink(directory + "/" + name) }
        }
        closedir(entries)
    }
    rmdir(directory)
}
