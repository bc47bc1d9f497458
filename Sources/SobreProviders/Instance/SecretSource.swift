internal import Files
public import SobreSettings

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Resolves references to credentials, from the process's environment and files, or from a test's own values.
public struct SecretSource: Sendable {
    /// A variable's value; nil when it is not set.
    public var environment: @Sendable (_ name: String) -> String?
    /// A file's content; nil when it cannot be read.
    public var file: @Sendable (_ path: String) -> String?

    public init(
        environment: @escaping @Sendable (_ name: String) -> String?,
        file: @escaping @Sendable (_ path: String) -> String?
    ) {
        self.environment = environment
        self.file = file
    }

    /// Variables of an environment, and the process's files.
    public init(_ environment: Environment) {
        self.init(environment: { environment[$0] }, file: SecretSource.process.file)
    }

    /// The largest file that is accepted as a credential.
    public static let maxFileBytes = 64 << 10

    /// The process's own environment and files. A file's last line end is removed.
    public static let process = SecretSource(
        environment: { name in getenv(name).map { String(cString: $0) } },
        file: { path in readText(path) })

    private static func readText(_ path: String) -> String? {
        guard var text = try? TextFile.readText(path, atMost: maxFileBytes) else { return nil }
        // Swift treats CRLF as one character.
        if let last = text.last, last == "\n" || last == "\r\n" || last == "\r" { text.removeLast() }
        return text
    }

    /// The credential of a reference.
    ///
    /// - Throws: ``ProviderError`` that names the variable or the file and says what to do.
    public func resolve(
        _ reference: SecretReference, name: String, instance: String
    ) throws(ProviderError) -> Secret {
        let text: String?
        switch reference {
        case .environment(let variable): text = environment(variable)
        case .file(let path): text = file(path)
        }
        if let text, !text.isEmpty { return Secret(text) }
        throw .missingSecret(instance: instance, name: name, reference: reference)
    }
}
